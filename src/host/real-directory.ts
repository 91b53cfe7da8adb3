import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { codeOf } from '../util/errors.ts';
import { lookAt } from './looks.ts';

/**
 * The directory with its links resolved; of one that isn't there, as far as it is. Null where its disk doesn't answer
 * within `timeoutMs`. Never throws.
 */
export function realDirectory(path: string, { timeoutMs }: { timeoutMs: number }): Promise<string | null> {
  const look = {
    inThread: () => resolved(path),
    script: 'readlink -f -- "$1"',
    read: (said: string) => said.replace(/\n$/, ''),
  };
  return lookAt(path, look, { timeoutMs }).catch(() => null);
}

async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) return path;
    return join(await resolved(dirname(path)), basename(path));
  }
}

/** Whether a path is a directory, or inside it; both absolute and without links. */
export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`));
}
