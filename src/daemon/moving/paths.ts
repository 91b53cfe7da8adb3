import { join } from 'node:path';

/** Where the files of transfers are, each in a directory of its own. */
export function transfersDirectory(dataDir: string): string {
  return join(dataDir, 'moves');
}

/** The directory of one transfer. */
export function transferDirectory(dataDir: string, id: string): string {
  return join(transfersDirectory(dataDir), id);
}

/** In which is noted what a transfer writes in its destination. */
export function noteFile(dataDir: string, id: string): string {
  return join(transferDirectory(dataDir, id), 'written.json');
}

/** The directory of one of its processes, by whose name that is known among those that run. */
export function launchDirectory(dataDir: string, id: string, launch: number): string {
  return join(transferDirectory(dataDir, id), `${id}.${launch}`);
}
