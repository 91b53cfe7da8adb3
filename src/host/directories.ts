import { constants, type StatsFsBase } from 'node:fs';
import { access, lstat, opendir, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Space } from '../contract/views.ts';
import { codeOf } from '../util/errors.ts';
import { mountOf } from './mounts.ts';
import { withDirectory } from './open-directory.ts';
import { createTurns, type Turns } from './turns.ts';

export type DirectoryProblem = 'missing' | 'not_a_directory' | 'not_writable' | 'not_answering';

export interface DirectoryProbe extends Space {
  path: string;
  problem: DirectoryProblem | null;
  /** The same for directories of one file system, whose space is one; null where it isn't known. */
  device: string | null;
  /** Its inode: which one it is on its file system; null where it isn't known. */
  ino: string | null;
}

/** How many probes may be under way: one less than the threads that Node does all file work with. */
const PROBES_AT_ONCE = 3;
const BLOCK_BYTES = 512;

const turns = createTurns(PROBES_AT_ONCE);

/** What an error of stat(2) on a directory means; of a disk that is there but fails, nothing is known. */
const PROBLEMS: Readonly<Record<string, DirectoryProblem>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  ELOOP: 'missing',
  ENAMETOOLONG: 'missing',
  EACCES: 'not_writable',
};

/** Looks at one directory, for as long as its disk takes to answer. Never throws. */
async function look(path: string): Promise<DirectoryProbe> {
  const unknown = { path, device: null, ino: null, free_bytes: null, total_bytes: null };
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isDirectory()) return { ...unknown, problem: 'not_a_directory' };
    const space = await statfs(path, { bigint: true });
    return {
      path,
      problem: (await isWritable(path)) ? null : 'not_writable',
      device: String(found.dev),
      ino: String(found.ino),
      ...spaceOf(space),
    };
  } catch (error) {
    return { ...unknown, problem: PROBLEMS[codeOf(error) ?? ''] ?? 'not_answering' };
  }
}

function spaceOf({ bavail, blocks, bsize }: StatsFsBase<bigint>): {
  free_bytes: number;
  total_bytes: number;
} {
  return { free_bytes: Number(bavail * bsize), total_bytes: Number(blocks * bsize) };
}

/** access(2) says no for a file system mounted read-only too, even to root. */
async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface ProbeOptions {
  timeoutMs: number;
}

/**
 * A prober of its own. A call on a dead network mount can't be cancelled and keeps one of the few threads
 * that Node has for files: so one call at a time a mount, and never all threads.
 */
export function createProber(
  lookAt: (path: string) => Promise<DirectoryProbe> = look,
  turns: Turns = createTurns(PROBES_AT_ONCE),
): (path: string, options: ProbeOptions) => Promise<DirectoryProbe> {
  return async (path, { timeoutMs }) => {
    const answer = await turns.take(mountOf(path), () => lookAt(path), timeoutMs);
    return (
      answer ?? {
        path,
        problem: 'not_answering',
        device: null,
        ino: null,
        free_bytes: null,
        total_bytes: null,
      }
    );
  };
}

/**
 * Whether a directory can be written to and what room its file system has. One that doesn't answer within
 * `timeoutMs` is `not_answering`; while it hangs, others on its mount are so too. Never throws.
 */
export const probeDirectory = createProber(look, turns);

/**
 * The room on a directory's file system, by one call where `probeDirectory` takes three, each of which wakes a thread.
 * Null where the directory is missing or its disk doesn't answer within `timeoutMs`. Never throws.
 */
export async function spaceAt(path: string, { timeoutMs }: ProbeOptions): Promise<Space> {
  const unknown = { free_bytes: null, total_bytes: null };
  // With a slash at its end a file is an error, as it should be.
  const call = () => statfs(join(path, '/'), { bigint: true }).then(spaceOf, () => null);
  return (await turns.take(mountOf(path), call, timeoutMs)) ?? unknown;
}

export interface DirectoryNames {
  /** The directory's inode: which one it is on its file system. */
  ino: string;
  names: string[];
}

/** The names in a directory; null where it is missing or its disk doesn't answer within `timeoutMs`. Never throws. */
export async function namesIn(path: string, { timeoutMs }: ProbeOptions): Promise<DirectoryNames | null> {
  const list = () =>
    withDirectory(path, async ({ base, ino }) => ({ ino: String(ino), names: await readdir(base) }));
  return turns.take(mountOf(path), () => list().catch(() => null), timeoutMs);
}

/**
 * Bytes on the disk of all that is in a directory: blocks, not lengths, so that sparse files count as what
 * they take. Links aren't followed; what vanishes meanwhile counts nothing, a missing directory 0.
 */
export async function usedBytes(dir: string): Promise<number> {
  let sum = 0;
  try {
    for await (const entry of await opendir(dir)) {
      const path = join(dir, entry.name);
      sum += entry.isDirectory() ? await usedBytes(path) : await blockBytes(path);
    }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  return sum;
}

async function blockBytes(path: string): Promise<number> {
  try {
    const found = await lstat(path);
    return found.isFile() ? found.blocks * BLOCK_BYTES : 0;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** Length of a regular file in bytes, null where there is none. Throws where its disk doesn't say. */
export async function fileBytes(path: string): Promise<number | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : null;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
