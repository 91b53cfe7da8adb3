import { lstat, mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, messageOf } from '../../util/errors.ts';
import type { OwnedDirectories } from '../worker-directory/owned-directories.ts';

/**
 * Makes a worker's own temporary directories; those above are never made, a disk may not be mounted. One that is
 * there already is taken only where the worker made it before a crash: it was written down, or is empty.
 * @returns each with its inode, by which it is known when it is removed
 */
export async function makeTempDirs(
  directories: readonly string[],
  before: OwnedDirectories | null,
): Promise<OwnedDirectories['temp_dirs']> {
  const made: OwnedDirectories['temp_dirs'] = [];
  for (const path of directories) {
    try {
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw new Error(`${dirname(path)}: ${messageOf(error)}`);
      const known = before?.temp_dirs.find((each) => each.path === path)?.ino ?? null;
      if (!(await isOurs(path, known)))
        throw new Error(`${path} is there already, and this worker did not make it: it stays as it is`);
    }
    made.push({ path, ino: String((await lstat(path, { bigint: true })).ino) });
  }
  return made;
}

async function isOurs(path: string, known: string | null): Promise<boolean> {
  const found = await lstat(path, { bigint: true });
  if (!found.isDirectory()) return false;
  if (known !== null) return known === String(found.ino);
  return Number(found.uid) === process.getuid?.() && (await readdir(path)).length === 0;
}
