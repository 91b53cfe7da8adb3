import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../util/errors.ts';
import { isObject } from '../util/objects.ts';
import { writeFileAtomic } from './atomic.ts';
import { sealed, unseal } from './sealed.ts';
import { setAside } from './set-aside.ts';

/** Beside the state, so that unique ids stay where that is lost. */
const FILE = 'instance';

/** Whose directory it is, and where it was when a daemon last used it. */
export interface Owner {
  instance: string;
  data_dir: string;
}

/** What the file in `dir` says; `null` where there is none, `damaged` where it can't be believed. */
export function readOwner(dir: string): Owner | 'damaged' | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(dir, FILE));
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? null : 'damaged';
  }
  const found = unseal(bytes);
  if (!isObject(found) || typeof found.instance !== 'string' || found.instance === '') return 'damaged';
  return { instance: found.instance, data_dir: typeof found.data_dir === 'string' ? found.data_dir : dir };
}

/** Writes it down, flushed to the disk; what was damaged is set aside. Throws the system's error. */
export function writeOwner(dir: string, owner: Owner): void {
  if (readOwner(dir) === 'damaged') setAside(join(dir, FILE), new Date());
  writeFileAtomic(join(dir, FILE), sealed({ ...owner }));
}
