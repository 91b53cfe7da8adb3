import {
  closeSync,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../util/errors.ts';
import { PRIVATE_FILE } from './private.ts';

/** What file systems without hard links answer (exFAT, some network and FUSE file systems). */
const NO_HARD_LINKS: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
]);

/** Whether this error of link(2) says that the file system doesn't do hard links. */
export function lacksHardLinks(error: unknown): boolean {
  return NO_HARD_LINKS.has(codeOf(error));
}

/** Flushes a file's name and place to the disk. File systems that can't do that are left alone. */
export function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EINVAL' && code !== 'EPERM' && code !== 'ENOTSUP') throw error;
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes `<file>.tmp` and flushes it: the first half of an atomic replacement. Nothing is left of it
 * where it fails, so that a full disk isn't made fuller. Returns its name.
 */
export function writeTemporary(file: string, content: string | Buffer): string {
  const temporary = `${file}.tmp`;
  try {
    const fd = openSync(temporary, 'w', PRIVATE_FILE);
    try {
      writeFileSync(fd, content);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return temporary;
}

/**
 * Replaces a file's content so that a reader, or the next start after a crash or a loss of power, finds
 * either all of the old or all of the new. The file is its owner's alone. One writer at a time.
 */
export function writeFileAtomic(file: string, content: string | Buffer): void {
  const temporary = writeTemporary(file, content);
  renameSync(temporary, file);
  syncDirectory(dirname(file));
}

/** Makes `copy` the same file as `file` in one step, whether it was there or not; `file` stays. */
export function keepAs(file: string, copy: string): void {
  const temporary = `${copy}.tmp`;
  rmSync(temporary, { force: true });
  try {
    linkSync(file, temporary);
  } catch (error) {
    if (!lacksHardLinks(error)) throw error;
    copyFileSync(file, temporary);
  }
  renameSync(temporary, copy);
  // rename(2) does nothing where both names are the same file already, and then leaves the first one.
  rmSync(temporary, { force: true });
}
