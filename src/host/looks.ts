import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { type Mount, mayHang, mountOf, mounts, pointsOf } from './mounts.ts';
import { createTurns, type Turns } from './turns.ts';

/** How many threads may be at it: one less than those that Node does all file work with. */
const THREADS = 3;
/** So many processes are begun at once; those that hang don't count. */
const PROCESSES = 16;
/** What takes longer is taken for something that hangs: others don't wait for it. */
const PATIENCE_MS = 400;
/** What has hung for so long isn't waited for: it is known when it answers. */
const GIVEN_UP_MS = 10_000;

/** A look at something on a disk, in two ways. */
export interface Look<Found> {
  inThread(): Promise<Found>;
  /** The same by the shell, `$1` being the path: no thread of ours hangs with it. */
  script: string;
  /** What the shell's answer means; throws where it is none. */
  read(said: string): Found;
}

export interface LookOptions {
  timeoutMs: number;
  /** The mounts, where somebody who looks at many things has just read them. */
  table?: readonly Mount[];
}

/** Looks at a path; null where its disk hasn't answered `timeoutMs` from now. Rejects as the look does. */
export type LookAt = <Found>(path: string, look: Look<Found>, options: LookOptions) => Promise<Found | null>;

/**
 * A way to look of its own. A call on a dead mount can't be cancelled: it keeps a thread, of which Node has few, until
 * the mount is back. So a process of its own looks where a mount may hang by its type, or where no thread has answered
 * in a while: however many mounts are dead, others are looked at.
 */
export function createLooks(threads: Turns, processes: Turns = lookingProcesses()): LookAt {
  return async (path, look, { timeoutMs, table = mounts() }) => {
    const key = mountOf(path, pointsOf(table));
    if (threads.underWay(key) + processes.underWay(key) > GIVEN_UP_MS) return null;
    const inProcess = (ms: number) =>
      processes.take(key, async () => look.read(await said(look.script, path)), ms);
    if (mayHang(path, table)) return inProcess(timeoutMs);
    const inThread = threads.take(key, () => look.inThread(), timeoutMs);
    const patience = Math.min(PATIENCE_MS, timeoutMs);
    const quick = await within(patience, inThread);
    if (quick) return quick.found;
    return firstAnswer(
      inThread,
      inProcess(timeoutMs - patience).catch(() => null),
    );
  };
}

/** Calls that share the threads of Node, one a mount, and looks that do. */
export const threads = createTurns(THREADS);
const processes = lookingProcesses();
export const lookAt = createLooks(threads, processes);

/** Whether a look at a mount hangs since long: who looks there in a thread of its own would have that hang, too. */
export function isHanging(mount: string): boolean {
  return threads.underWay(mount) + processes.underWay(mount) > GIVEN_UP_MS;
}

function lookingProcesses(): Turns {
  return createTurns(PROCESSES, { placeMs: PATIENCE_MS });
}

/** Whichever answers first; null where none does. */
async function firstAnswer<Found>(
  one: Promise<Found | null>,
  other: Promise<Found | null>,
): Promise<Found | null> {
  const first = await Promise.race([one, other]);
  return first ?? (await Promise.all([one, other])).find((found) => found !== null) ?? null;
}

/** What is found in time; null where nothing is. */
async function within<Found>(ms: number, look: Promise<Found>): Promise<{ found: Found } | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  try {
    return await Promise.race([look.then((found) => ({ found })), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a shell snippet says of a path. Rejects where it fails. */
async function said(script: string, path: string): Promise<string> {
  const child = spawn('/bin/sh', ['-c', script, 'sh', path], {
    cwd: '/',
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // It may hang for as long as its disk does: the daemon doesn't wait for it when it ends.
  child.unref();
  if ('unref' in child.stdout && typeof child.stdout.unref === 'function') child.stdout.unref();
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  const [answer, code] = await Promise.all([text(child.stdout), ended]);
  if (code !== 0) throw new Error(`a look at ${path} failed`);
  return answer;
}
