import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { PRIVATE_FILE } from '../storage/private.ts';

/** What a worker made itself: beside it nothing is its own. */
const recordSchema = z.object({
  /** Its temporary directories, each with its inode. */
  temp_dirs: z.array(z.object({ path: z.string(), ino: z.string() })),
});
export type WorkerRecord = z.infer<typeof recordSchema>;

function fileIn(directory: string): string {
  return join(directory, 'own.json');
}

/** What was written down in the worker's directory; `null` where nothing was, or it is damaged. */
export function readWorkerRecord(directory: string): WorkerRecord | null {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(fileIn(directory), 'utf8')));
  } catch {
    return null;
  }
}

/** Writes it down, before the plotter begins. Throws where the worker's directory can't be written. */
export function writeWorkerRecord(directory: string, record: WorkerRecord): void {
  writeFileSync(fileIn(directory), JSON.stringify(record), { mode: PRIVATE_FILE });
}
