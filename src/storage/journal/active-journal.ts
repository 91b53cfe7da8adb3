import { fchmodSync, fstatSync, openSync, rmSync } from 'node:fs';
import { PRIVATE_FILE } from '../private.ts';
import type { StateFiles } from './state-files.ts';

/** The journal to which entries go now. */
export interface ActiveJournal {
  generation: number;
  file: string;
  fd: number;
  bytes: number;
  /** Number of its last record, and of the last one in the journal before. */
  number: number;
  before: number;
  /** A torn part couldn't be cut off: begin on a new line. */
  torn: boolean;
  /** The same of a whole line, which counts for whoever reads it: where it begins, in bytes. */
  uncut: number | null;
}

/** `w` empties what a compaction that failed left under this name. */
export function openActive(files: StateFiles, generation: number, mode: 'a' | 'w'): ActiveJournal {
  const file = files.journal(generation);
  if (mode === 'w') rmSync(file, { force: true });
  const fd = openSync(file, 'a', PRIVATE_FILE);
  fchmodSync(fd, PRIVATE_FILE);
  return { generation, file, fd, bytes: fstatSync(fd).size, number: 0, before: 0, torn: false, uncut: null };
}
