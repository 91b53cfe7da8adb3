import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, messageOf } from '../util/errors.ts';

/** Makes a worker's own temporary directories; those above are never made, a disk may not be mounted. */
export async function makeTempDirs(directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    try {
      await mkdir(directory, { mode: 0o700 });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw new Error(`${dirname(directory)}: ${messageOf(error)}`);
    }
  }
}
