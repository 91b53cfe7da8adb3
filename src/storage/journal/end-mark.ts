import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { isObject } from '../../util/objects.ts';
import { PRIVATE_FILE } from '../private.ts';
import { seal, unseal } from '../sealed.ts';

/** The last record that was written: of which journal, and its number there. */
export interface Mark {
  generation: number;
  number: number;
  /** The number of the last record in the journal before; 0 where nobody knows. */
  before: number;
}

/** Numbers are padded, so that the mark is overwritten in place: one small write, which needs no room on the disk. */
const WIDTH = 15;

/**
 * Remembers beside a journal how far it was written, so that one that was cut between two lines is told from one that
 * ends there. What can't be written is no harm: an older mark only says less.
 */
export class EndMark {
  readonly #file: string;
  #fd: number | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  /** Written after the record: of a record that it knows, somebody may have been told. */
  set({ generation, number, before }: Mark): void {
    try {
      const bytes = seal(`"g":${padded(generation)},"n":${padded(number)},"before":${padded(before)}}`);
      if (this.#fd === null) {
        this.#fd = openSync(this.#file, constants.O_RDWR | constants.O_CREAT, PRIVATE_FILE);
        ftruncateSync(this.#fd, bytes.length);
      }
      writeSync(this.#fd, bytes, 0, bytes.length, 0);
    } catch {
      this.close();
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}

function padded(value: number): string {
  return String(value).padStart(WIDTH);
}

/** What a mark says; `null` where there is none, `damaged` where it can't be believed. */
export function readMark(file: string): Mark | 'damaged' | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return null;
  }
  const found = unseal(bytes);
  if (!isObject(found)) return 'damaged';
  const { g, n, before } = found;
  if (typeof g !== 'number' || typeof n !== 'number' || typeof before !== 'number') return 'damaged';
  return { generation: g, number: n, before };
}
