import { statSync } from 'node:fs';
import { readOwner } from '../../storage/instance.ts';
import { livingProcess, workerDirectories } from '../restoring/traces.ts';
import { workerDirectory } from '../worker-directory/paths.ts';
import { readWorkerRecord } from '../worker-directory/worker-record.ts';

/** The data directory isn't where its live workers have it: what they write down would not be found. */
export class DataDirMovedError extends Error {
  readonly dir: string;
  readonly was: string;

  constructor(dir: string, was: string, worker: string) {
    super(
      `data_dir was moved from ${was} to ${dir} while worker ${worker} runs, which writes on to ${was}: move it ` +
        `back (or make ${was} a link to ${dir}) until its workers have ended`,
    );
    this.name = 'DataDirMovedError';
    this.dir = dir;
    this.was = was;
  }
}

/**
 * Throws DataDirMovedError where a live worker's processes know the directory by a path that leads elsewhere now. The
 * same directory under another name (a link, a mount, a container that sees it elsewhere) is no other.
 */
export function refuseMoved(dataDir: string): void {
  const owner = readOwner(dataDir);
  const usual = owner === null || owner === 'damaged' ? dataDir : owner.data_dir;
  for (const worker of workerDirectories(dataDir)) {
    const was = readWorkerRecord(workerDirectory(dataDir, worker))?.data_dir ?? usual;
    if (was === dataDir || isSame(was, dataDir)) continue;
    const living = livingProcess(dataDir, worker);
    if (living === null || isSame(`/proc/${living}/root${was}`, dataDir)) continue;
    throw new DataDirMovedError(dataDir, was, worker);
  }
}

function isSame(path: string, other: string): boolean {
  try {
    const [a, b] = [statSync(path), statSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}
