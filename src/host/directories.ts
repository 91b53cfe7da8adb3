import { constants, type StatsFsBase } from 'node:fs';
import { access, lstat, opendir, readdir, stat, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Space } from '../contract/views.ts';
import { codeOf } from '../util/errors.ts';
import { lookAt, type LookOptions, threads } from './looks.ts';
import { mountOf } from './mounts.ts';
import { withDirectory } from './open-directory.ts';

export type DirectoryProblem = 'missing' | 'not_a_directory' | 'not_writable' | 'not_answering';

export interface DirectoryProbe extends Space {
  path: string;
  problem: DirectoryProblem | null;
  /** The same for directories of one file system, whose space is one; null where it isn't known. */
  device: string | null;
}

const BLOCK_BYTES = 512;

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
  const unknown = { path, device: null, free_bytes: null, total_bytes: null };
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isDirectory()) return { ...unknown, problem: 'not_a_directory' };
    const space = await statfs(path, { bigint: true });
    return {
      path,
      problem: (await isWritable(path)) ? null : 'not_writable',
      device: String(found.dev),
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

/**
 * The same, as a shell says it: `stat` of coreutils or busybox. Bytes are blocks of the size behind them.
 */
export const PROBE_SCRIPT = `
found=$(stat -L -c '%d %F' -- "$1" 2>&1) || { printf 'error %s' "$found"; exit 0; }
space=$(stat -f -c '%a %b %S' -- "$1") || exit 1
if [ -w "$1" ] && [ -x "$1" ]; then may=yes; else may=no; fi
printf 'found %s %s %s' "$may" "$space" "$found"`;
const FOUND = /^found (yes|no) (\d+) (\d+) (\d+) (\d+) (.*)$/s;

/** What the messages of errors mean, as `PROBLEMS`. */
const PROBLEM_MESSAGES: readonly (readonly [RegExp, DirectoryProblem])[] = [
  [/No such file|Not a directory|Too many (?:levels of )?symbolic|File name too long/, 'missing'],
  [/Permission denied/, 'not_writable'],
];

/** What that says of a path. */
export function readProbe(path: string, said: string): DirectoryProbe {
  const unknown = { path, device: null, free_bytes: null, total_bytes: null };
  const [, may, free, blocks, size, device, kind] = FOUND.exec(said) ?? [];
  if (may === undefined) {
    const meant = PROBLEM_MESSAGES.find(([message]) => message.test(said));
    return { ...unknown, problem: meant?.[1] ?? 'not_answering' };
  }
  if (kind?.trim() !== 'directory') return { ...unknown, problem: 'not_a_directory' };
  const problem = may === 'yes' ? null : 'not_writable';
  const [free_bytes, total_bytes] = [Number(free) * Number(size), Number(blocks) * Number(size)];
  return { path, problem, device: device ?? null, free_bytes, total_bytes };
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

export type ProbeOptions = LookOptions;

/**
 * Whether a directory can be written to and what room its file system has. One that doesn't answer within
 * `timeoutMs` is `not_answering`; while it hangs, others on its mount are so too. Never throws.
 */
export async function probeDirectory(path: string, options: ProbeOptions): Promise<DirectoryProbe> {
  const probe = {
    inThread: () => look(path),
    script: PROBE_SCRIPT,
    read: (said: string) => readProbe(path, said),
  };
  return (await lookAt(path, probe, options).catch(() => null)) ?? silent(path);
}

function silent(path: string): DirectoryProbe {
  return { path, problem: 'not_answering', device: null, free_bytes: null, total_bytes: null };
}

/**
 * As `probeDirectory`, of a directory that was found fine before: one call, where that takes three, each of which wakes a
 * thread. Whether it can still be written to isn't looked at.
 * @param known what `probeDirectory` has found
 */
export async function probeAgain(known: DirectoryProbe, options: ProbeOptions): Promise<DirectoryProbe> {
  const { path } = known;
  const again = async (): Promise<DirectoryProbe> => {
    try {
      // With a slash at its end a file is an error, as it should be.
      return { ...known, ...spaceOf(await statfs(join(path, '/'), { bigint: true })) };
    } catch (error) {
      return { ...silent(path), problem: PROBLEMS[codeOf(error) ?? ''] ?? 'not_answering' };
    }
  };
  const probe = { inThread: again, script: PROBE_SCRIPT, read: (said: string) => readProbe(path, said) };
  return (await lookAt(path, probe, options).catch(() => null)) ?? silent(path);
}

/**
 * The room on a directory's file system, by one call where `probeDirectory` takes three, each of which wakes a thread.
 * Null where the directory is missing or its disk doesn't answer within `timeoutMs`. Never throws.
 */
export async function spaceAt(path: string, { timeoutMs }: ProbeOptions): Promise<Space> {
  const unknown = { free_bytes: null, total_bytes: null };
  // With a slash at its end a file is an error, as it should be.
  const call = () => statfs(join(path, '/'), { bigint: true }).then(spaceOf, () => null);
  return (await threads.take(mountOf(path), call, timeoutMs)) ?? unknown;
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
  return threads.take(mountOf(path), () => list().catch(() => null), timeoutMs);
}

const NAMES = `find "$1/." -mindepth 1 -maxdepth 1 -print0`;

/** The names in a directory, for patterns; `missing` where it can't be read at all. Never rejects. */
export async function listNames(
  path: string,
  options: ProbeOptions,
): Promise<readonly string[] | 'missing' | 'not_answering'> {
  const look = {
    inThread: () => readdir(path),
    script: NAMES,
    read: (said: string) =>
      said
        .split('\0')
        .map((name) => basename(name))
        .filter((name) => name !== ''),
  };
  return (await lookAt(path, look, options).catch(() => 'missing' as const)) ?? 'not_answering';
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
