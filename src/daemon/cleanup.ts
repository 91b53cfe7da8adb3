import { mkdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Removal, removeWorkerDirectory } from '../host/remove.ts';
import { PROCESS_KINDS, processFiles } from '../process/files.ts';
import { codeOf, messageOf } from '../util/errors.ts';
import { workerDirectory } from './paths.ts';
import { markEnded } from './worker-record.ts';

/** Names of kept logs: `<id>.txt`, `<id>_pre.txt`, `<id>_post.txt` (contract, section 7). */
const LOG_SUFFIX = { plotter: '', pre: '_pre', post: '_post' } as const;

/**
 * Removes what a worker leaves behind: its temporary directories and its own files; its logs are kept if wanted.
 * Answers what could not be removed, `null` where all went. Never rejects; done again, it does no harm.
 */
export async function cleanUp(
  dataDir: string,
  worker: string,
  tempDirs: string[],
  keepLogs: boolean,
): Promise<string | null> {
  const problems: string[] = [];
  for (const directory of tempDirs) {
    const problem = problemOf(await removeWorkerDirectory(dirname(directory), basename(directory)));
    if (problem !== null) problems.push(`${directory} stays: ${problem}`);
  }
  const own = workerDirectory(dataDir, worker);
  try {
    markEnded(own);
    if (keepLogs) await moveLogs(dataDir, worker, own);
  } catch (error) {
    problems.push(`logs stay in ${own}: ${messageOf(error)}`);
    return problems.join('; ');
  }
  const problem = problemOf(await removeWorkerDirectory(dirname(own), basename(own)));
  if (problem !== null) problems.push(`${own} stays: ${problem}`);
  return problems.length === 0 ? null : problems.join('; ');
}

function problemOf(removal: Removal): string | null {
  return removal.outcome === 'removed' || removal.outcome === 'missing' ? null : removal.reason;
}

async function moveLogs(dataDir: string, worker: string, own: string): Promise<void> {
  const logs = join(dataDir, 'logs');
  await mkdir(logs, { recursive: true, mode: 0o700 });
  for (const kind of PROCESS_KINDS) {
    const kept = join(logs, `${worker}${LOG_SUFFIX[kind]}.txt`);
    try {
      await rename(processFiles(own, kind).log, kept);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
}
