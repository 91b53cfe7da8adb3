import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, messageOf } from '../util/errors.ts';

export type Removal =
  | { outcome: 'removed' }
  | { outcome: 'missing' }
  /** It isn't a directory that may be removed: nothing was touched. */
  | { outcome: 'refused'; reason: string }
  /** It is still there, at least in part. */
  | { outcome: 'failed'; reason: string };

/** No separators, no `..`, nothing hidden: a name that can only be a direct child. */
const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,200}$/;
const DIRECTORY_ITSELF = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Removes `<parent>/<name>` with all that is in it. Only a real directory is; links in it go, what they
 * point to stays; another file system mounted in it is left, and told as a failure. Never throws.
 */
export async function removeWorkerDirectory(parent: string, name: string): Promise<Removal> {
  if (!SAFE_NAME.test(name)) return { outcome: 'refused', reason: `not a name for a directory: ${name}` };
  const path = join(parent, name);
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return { outcome: 'refused', reason: `${path} is a link` };
    if (!found.isDirectory()) return { outcome: 'refused', reason: `${path} is not a directory` };
    const above = await lstat(join(parent, '.'));
    if (found.dev !== above.dev)
      return { outcome: 'refused', reason: `another file system is mounted on ${path}` };
    await removeTree(path, path, found.dev);
    return { outcome: 'removed' };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { outcome: 'missing' };
    return { outcome: 'failed', reason: messageOf(error) };
  }
}

/**
 * Each directory is opened as itself, never through a link, and emptied by that handle: somebody who puts
 * a link in its place meanwhile leads us nowhere. `shown` is its name for errors.
 */
async function removeTree(path: string, shown: string, device: number): Promise<void> {
  const handle = await open(path, DIRECTORY_ITSELF);
  try {
    if ((await handle.stat()).dev !== device) throw new Error(`another file system is mounted on ${shown}`);
    const base = handlePath(handle, path);
    for (const entry of await readdir(base, { withFileTypes: true })) {
      const child = join(base, entry.name);
      if (entry.isDirectory()) await gone(removeTree(child, join(shown, entry.name), device));
      else await gone(unlink(child));
    }
  } finally {
    await handle.close();
  }
  await gone(rmdir(path));
}

/** The open directory itself, whatever its name means by now. Only Linux has such a path. */
function handlePath(handle: FileHandle, path: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : path;
}

/** What somebody else removes meanwhile, a plotter in its last breath, is as good as removed. */
async function gone(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
