import { readdir } from 'node:fs/promises';
import { withDirectory } from '../host/open-directory.ts';
import { makeTempDirs } from './temp-dirs.ts';
import { readWorkerRecord, type WorkerRecord, writeWorkerRecord } from './worker-record.ts';

/** A destination that takes longer to answer isn't looked at: nothing of it is removed then. */
const TIMEOUT_MS = 5_000;

export interface Belongings {
  tempDirs: readonly string[];
  destination: string | null;
  /** What the names of unfinished plots end with. */
  partial: readonly string[];
}

/**
 * Makes a worker's temporary directories, and writes down in its own directory what is its and what was there before
 * its plotter began. Throws why that can't be.
 */
export async function takePossession(directory: string, belongings: Belongings): Promise<void> {
  const { tempDirs, destination, partial } = belongings;
  const temp_dirs = await makeTempDirs(tempDirs, readWorkerRecord(directory));
  // At once, so that a crash from here on finds them again.
  writeWorkerRecord(directory, { temp_dirs, destination: null });
  if (destination === null || partial.length === 0) return;
  writeWorkerRecord(directory, { temp_dirs, destination: await within(lookAt(destination, partial)) });
}

async function lookAt(destination: string, partial: readonly string[]): Promise<WorkerRecord['destination']> {
  return withDirectory(destination, async ({ base, ino }) => {
    const names = await readdir(base);
    return {
      ino: String(ino),
      unfinished: names.filter((name) => partial.some((end) => name.endsWith(end))),
    };
  });
}

async function within<Value>(promise: Promise<Value>): Promise<Value | null> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, TIMEOUT_MS, null).unref());
  return Promise.race([promise.catch(() => null), late]);
}
