import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';

/** A disk that doesn't work is tried again so often. */
const RETRY_MS = 2_000;
/** The same trouble is told again so often. */
const TELL_EACH_MS = 10 * 60_000;

/** What a disk says that is full, read-only, broken or not (yet) there, or a system short of something for a moment. */
const TROUBLE: ReadonlySet<string | undefined> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EIO',
  'ESTALE',
  'ENODEV',
  'ENXIO',
  'ENOTCONN',
  'ETIMEDOUT',
  'EHOSTDOWN',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
]);
/** What making a directory fails with where its disk isn't mounted: its mount point is another account's, or missing. */
const NOT_MOUNTED: ReadonlySet<string | undefined> = new Set(['ENOENT', 'EACCES', 'EPERM']);

export interface DiskWait {
  dataDir: string;
  log: Logger;
  /** Ends the waiting; `waitForDisk` then rejects. */
  signal: AbortSignal;
  /** Takes what is waited for, in a sentence, and null when it goes on. */
  onWait(text: string | null): void;
}

/**
 * Tries until the disk of `data_dir` does it: one that is full, read-only, or not mounted yet is waited for and told,
 * once and then sparsely. Any other error is thrown.
 */
export async function waitForDisk<Result>(
  attempt: () => Result | Promise<Result>,
  { dataDir, log, signal, onWait }: DiskWait,
): Promise<Result> {
  let told = { text: '', at: Number.NEGATIVE_INFINITY };
  for (;;) {
    signal.throwIfAborted();
    try {
      const result = await attempt();
      if (told.text !== '') {
        log.info(`data_dir ${dataDir} can be used now: the start goes on`);
        onWait(null);
      }
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (!isTrouble(error, dataDir)) throw error;
      const text = `the start waits for data_dir ${dataDir}: ${reasonOf(error, dataDir)}`;
      const now = performance.now();
      if (text !== told.text || now - told.at >= TELL_EACH_MS) {
        log.error(text);
        onWait(text);
        told = { text, at: now };
      }
    }
    await sleep(RETRY_MS, undefined, { signal });
  }
}

function isTrouble(error: unknown, dataDir: string): boolean {
  const code = codeOf(error);
  return TROUBLE.has(code) || (NOT_MOUNTED.has(code) && !existsSync(dataDir));
}

function reasonOf(error: unknown, dataDir: string): string {
  const missing = existsSync(dataDir) ? '' : ' (it is not there: is its disk mounted?)';
  return `${messageOf(error)}${missing}`;
}
