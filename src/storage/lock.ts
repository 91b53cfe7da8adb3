import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { identityOf } from '../host/process-identity.ts';
import { codeOf } from '../util/errors.ts';
import { lacksHardLinks } from './atomic.ts';
import { ensurePrivateDirectory, PRIVATE_FILE } from './private.ts';

/** Another live process has this directory. */
export class DataDirLockedError extends Error {
  readonly dir: string;
  readonly pid: number;

  constructor(dir: string, pid: number) {
    super(`${dir} is in use by another daemon, process ${pid}: stop that one, or set another data_dir`);
    this.name = 'DataDirLockedError';
    this.dir = dir;
    this.pid = pid;
  }
}

const holderSchema = z.object({ pid: z.int().positive(), identity: z.string() });
type Holder = z.infer<typeof holderSchema>;

/** A lock is `lock.<number>`; a draft, not yet one, is `lock.draft-<pid>`. */
const LOCK_NAME = /^lock\.(\d{1,15})$/;
const DRAFT_NAME = /^lock\.draft-(\d{1,15})$/;

/**
 * Takes `dir` for this process, making it where it is missing, or throws DataDirLockedError. A lock whose
 * process is dead, or whose process id is another program's by now, is taken over.
 *
 * A stale lock is never removed to make room: two starters that both saw it could remove each other's new
 * one. The taker makes the next number instead, exclusively and with its content in place, then looks
 * whether any other live one is there. Of two takers the later one sees the earlier one's, so that never
 * two go on. Only the one that goes on removes the stale ones.
 */
export function lockDataDir(dir: string): { release(): void } {
  ensurePrivateDirectory(dir);
  const own: Holder = { pid: process.pid, identity: identityOf(process.pid) ?? 'unknown' };
  for (;;) {
    const taken = lockNumbers(dir);
    refuseOthers(dir, taken);
    const number = Math.max(0, ...taken) + 1;
    if (!create(dir, number, own)) continue; // Another starter was faster: look again.
    try {
      const others = lockNumbers(dir).filter((other) => other !== number);
      refuseOthers(dir, others);
      tidyUp(dir, others);
    } catch (error) {
      rmSync(lockFile(dir, number), { force: true });
      throw error;
    }
    return { release: () => release(lockFile(dir, number), own) };
  }
}

function lockFile(dir: string, number: number): string {
  return join(dir, `lock.${number}`);
}

function lockNumbers(dir: string): number[] {
  return readdirSync(dir).flatMap((name) => {
    const digits = LOCK_NAME.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

function refuseOthers(dir: string, numbers: number[]): void {
  for (const number of numbers) {
    const holder = readHolder(lockFile(dir, number));
    if (holder !== null && identityOf(holder.pid) === holder.identity) {
      throw new DataDirLockedError(dir, holder.pid);
    }
  }
}

/** Null for a lock that is gone, or torn by a loss of power: its process is dead then too. */
function readHolder(file: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || codeOf(error) === 'ENOENT')
      return null;
    throw error;
  }
}

/** Makes a lock with its content in place from the first moment on. False where it is there already. */
function create(dir: string, number: number, own: Holder): boolean {
  const text = `${JSON.stringify(own)}\n`;
  const draft = join(dir, `lock.draft-${own.pid}`);
  try {
    writeFileSync(draft, text, { mode: PRIVATE_FILE });
    linkSync(draft, lockFile(dir, number));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (!lacksHardLinks(error)) throw error;
    return createInPlace(lockFile(dir, number), text);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Without hard links, for a moment the lock is there and empty: the best that such a file system gives. */
function createInPlace(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { mode: PRIVATE_FILE, flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes what dead processes left: their locks, and drafts of those that died while they took one. */
function tidyUp(dir: string, stale: number[]): void {
  for (const number of stale) rmSync(lockFile(dir, number), { force: true });
  for (const name of readdirSync(dir)) {
    const pid = DRAFT_NAME.exec(name)?.[1];
    if (pid !== undefined && identityOf(Number(pid)) === null) rmSync(join(dir, name), { force: true });
  }
}

function release(file: string, own: Holder): void {
  const holder = readHolder(file);
  if (holder?.pid === own.pid && holder.identity === own.identity) rmSync(file, { force: true });
}
