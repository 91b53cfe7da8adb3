import type { BigIntStats } from 'node:fs';
import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, messageOf } from '../util/errors.ts';
import { type OpenDirectory, withDirectory } from './open-directory.ts';

export type Removal =
  | { outcome: 'removed' }
  | { outcome: 'missing' }
  /** It isn't one that may be removed: nothing was touched. */
  | { outcome: 'refused'; reason: string }
  /** It is still there, at least in part. */
  | { outcome: 'failed'; reason: string };

/** No separators, no `..`, nothing hidden: a name that can only be a direct child. */
const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,200}$/;
/** Any name of a file, spaces and all, that isn't hidden. */
const FILE_NAME = /^[^./\0][^/\0]{0,254}$/;

/** Why what was found there is not the caller's own; `null` where it is. */
export type Foreign = (found: BigIntStats) => string | null;

const NEVER: Foreign = () => null;

/**
 * Removes `<parent>/<name>` with all that is in it. Only a real directory is, on its parent's file system, that is not
 * `foreign`; links in it go, what they point to stays; another file system mounted in it is left, and told as a
 * failure. All is done by the parent's handle: a link put in the place of either leads nowhere. Never throws.
 */
export async function removeWorkerDirectory(
  parent: string,
  name: string,
  foreign: Foreign = NEVER,
): Promise<Removal> {
  if (!SAFE_NAME.test(name)) return { outcome: 'refused', reason: `not a name for a directory: ${name}` };
  return removeIn(parent, async (above) => {
    const shown = join(parent, name);
    const path = join(above.base, name);
    const found = await lstat(path, { bigint: true });
    if (found.isSymbolicLink()) return `${shown} is a link`;
    if (!found.isDirectory()) return `${shown} is not a directory`;
    if (found.dev !== above.dev) return `another file system is mounted on ${shown}`;
    const reason = foreign(found);
    if (reason !== null) return `${shown} ${reason}`;
    await removeTree(path, shown, found);
    return null;
  });
}

/**
 * Removes one file directly in a directory, if it is a regular one, on the directory's file system, with no other name
 * there. `foreign` is asked of the directory. Never throws.
 */
export async function removeFile(parent: string, name: string, foreign: DirectoryRule): Promise<Removal> {
  if (!FILE_NAME.test(name)) return { outcome: 'refused', reason: `not a name for a file: ${name}` };
  return removeIn(parent, async (above) => {
    const shown = join(parent, name);
    const reason = foreign(above);
    if (reason !== null) return `${parent} ${reason}`;
    const found = await lstat(join(above.base, name), { bigint: true });
    if (!found.isFile()) return `${shown} is not a regular file`;
    if (found.dev !== above.dev) return `${shown} is on another file system than its directory`;
    if (found.nlink > 1n) return `${shown} has another name on this disk`;
    await unlink(join(above.base, name));
    return null;
  });
}

/** Why nothing may be removed in a directory; `null` where it may. */
export type DirectoryRule = (directory: OpenDirectory) => string | null;

/** `act` answers why it refused, `null` where it removed. */
async function removeIn(
  parent: string,
  act: (above: OpenDirectory) => Promise<string | null>,
): Promise<Removal> {
  try {
    const reason = await withDirectory(parent, act);
    return reason === null ? { outcome: 'removed' } : { outcome: 'refused', reason };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { outcome: 'missing' };
    return { outcome: 'failed', reason: messageOf(error) };
  }
}

/**
 * Each directory is opened as itself, never through a link, and emptied by that handle: somebody who puts
 * a link in its place meanwhile leads us nowhere. `shown` is its name for errors.
 */
async function removeTree(
  path: string,
  shown: string,
  expected: Pick<BigIntStats, 'dev' | 'ino'>,
): Promise<void> {
  await withDirectory(path, (directory) => emptyDirectory(directory, shown, expected), { follow: false });
  await gone(rmdir(path));
}

async function emptyDirectory(
  { base, dev, ino }: OpenDirectory,
  shown: string,
  expected: Pick<BigIntStats, 'dev' | 'ino'>,
): Promise<void> {
  if (dev !== expected.dev) throw new Error(`another file system is mounted on ${shown}`);
  if (ino !== expected.ino) throw new Error(`${shown} is another directory by now`);
  for (const entry of await readdir(base, { withFileTypes: true })) {
    const child = join(base, entry.name);
    const name = join(shown, entry.name);
    if (!entry.isDirectory()) await gone(unlink(child));
    else
      await gone(
        lstat(child, { bigint: true }).then(({ ino: inner }) => removeTree(child, name, { dev, ino: inner })),
      );
  }
}

/** What somebody else removes meanwhile, a plotter in its last breath, is as good as removed. */
async function gone(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
