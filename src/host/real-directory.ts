import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { codeOf } from '../util/errors.ts';
import { mountOf } from './mounts.ts';
import { createTurns } from './turns.ts';

/** How many may be resolved at once: a dead disk keeps one of the few threads that Node has for files. */
const AT_ONCE = 2;

const turns = createTurns(AT_ONCE);

/**
 * The directory with its links resolved; of one that isn't there, as far as it is. Null where its disk doesn't answer
 * within `timeoutMs`. Never throws.
 */
export function realDirectory(path: string, { timeoutMs }: { timeoutMs: number }): Promise<string | null> {
  return turns.take(mountOf(path), () => resolved(path), timeoutMs);
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
