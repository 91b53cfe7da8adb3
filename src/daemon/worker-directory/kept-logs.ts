import { lstat, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeWorkerDirectory } from '../../host/remove.ts';
import { PROCESS_KINDS, type ProcessKind, processFiles } from '../../process/files.ts';
import { codeOf, messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import { workerDirectory } from './paths.ts';
import { readEndedRecord } from './worker-record.ts';

/** Names of kept logs: `<id>.txt`, `<id>_pre.txt`, `<id>_post.txt` (contract, section 7). */
const LOG_SUFFIX = { plotter: '', pre: '_pre', post: '_post' } as const;

/** Where a log of a worker is kept. */
export function keptLog(dataDir: string, worker: string, kind: ProcessKind): string {
  return join(dataDir, 'logs', `${worker}${LOG_SUFFIX[kind]}.txt`);
}

/**
 * Moves a worker's logs to `logs`, or those of these processes; done again, it moves what was left. Throws the system's
 * error, or what is in the way.
 */
export async function moveLogs(
  dataDir: string,
  worker: string,
  kinds: readonly ProcessKind[] = PROCESS_KINDS,
): Promise<void> {
  const own = workerDirectory(dataDir, worker);
  await mkdir(join(dataDir, 'logs'), { recursive: true, mode: 0o700 });
  for (const kind of kinds) {
    const { log } = processFiles(own, kind);
    const kept = keptLog(dataDir, worker, kind);
    if (!(await isThere(log))) continue;
    if (await isThere(kept)) throw new Error(`${kept} is there already`);
    await rename(log, kept);
  }
}

/**
 * Removes the directory that a worker left which has ended. Logs that were to be kept are moved away first, and where
 * that doesn't work it stays. Where nothing says whether they were, they are kept.
 */
export async function removeEnded(dataDir: string, worker: string, log: Logger): Promise<void> {
  const own = workerDirectory(dataDir, worker);
  try {
    const run = readEndedRecord(own)?.run;
    // Of several plots each has its part of the plotter's log already.
    const kinds = run !== undefined && run.plots > 1 ? (['pre', 'post'] as const) : PROCESS_KINDS;
    if (run?.spec.save_logs !== false) await moveLogs(dataDir, worker, kinds);
  } catch (error) {
    log.warn(`logs stay in ${own}: ${messageOf(error)}`);
    return;
  }
  await removeWorkerDirectory(dirname(own), worker);
}

async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
