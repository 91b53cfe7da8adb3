import { statSync } from 'node:fs';
import { readOwner } from '../../storage/instance.ts';
import { livingMovers } from '../moving/living-movers.ts';
import { livingProcess, workerDirectories } from '../restoring/traces.ts';
import { workerDirectory } from '../worker-directory/paths.ts';
import { readWorkerRecord } from '../worker-directory/worker-record.ts';

/** The data directory isn't where its live workers and movers have it: what they write down would not be found. */
export class DataDirMovedError extends Error {
  readonly dir: string;
  readonly was: string;

  /** @param who runs, in words */
  constructor(dir: string, was: string, who: string) {
    super(
      `data_dir was moved from ${was} to ${dir} while ${who} runs, which writes on to ${was}: move it ` +
        `back (or make ${was} a link to ${dir}) until its workers and moves have ended`,
    );
    this.name = 'DataDirMovedError';
    this.dir = dir;
    this.was = was;
  }
}

/**
 * Throws DataDirMovedError where a live worker's processes, or a mover, know the directory by a path that leads elsewhere now. The
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
    throw new DataDirMovedError(dataDir, was, `worker ${worker}`);
  }
  if (usual === dataDir || isSame(usual, dataDir)) return;
  for (const { transfer, pid } of livingMovers(dataDir))
    if (!isSame(`/proc/${pid}/root${usual}`, dataDir))
      throw new DataDirMovedError(dataDir, usual, `move ${transfer}`);
}

function isSame(path: string, other: string): boolean {
  try {
    const [a, b] = [statSync(path), statSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}
