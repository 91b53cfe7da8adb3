import { join } from 'node:path';

/** Directory of a live worker's own files (contract, section 7). */
export function workerDirectory(dataDir: string, worker: string): string {
  return join(dataDir, 'workers', worker);
}

/** The history: a line per ended worker. */
export function historyFile(dataDir: string): string {
  return join(dataDir, 'history.jsonl');
}

/** The events of the last days: a line each. */
export function eventsFile(dataDir: string): string {
  return join(dataDir, 'events.jsonl');
}
