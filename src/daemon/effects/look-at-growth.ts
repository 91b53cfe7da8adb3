import { createHash } from 'node:crypto';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { newestOf, type State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { threads } from '../../host/looks.ts';
import { mountOf, mountPoints } from '../../host/mounts.ts';
import { processFiles } from '../../process/files.ts';
import { codeOf } from '../../util/errors.ts';
import { workerDirectory } from '../worker-directory/paths.ts';
import { plotNames } from './used-room.ts';

/** Where a worker's plotter writes. */
export interface GrowingFiles {
  directories: readonly string[];
  files: readonly string[];
}

/**
 * What may grow while a worker's plot is made. Of several workers of a run temporary files and the log are the newest
 * one's: of an older one only its plot is still written.
 */
export function growingFiles(worker: WorkerState, state: State, dataDir: string): GrowingFiles {
  const run = state.runs.get(worker.run);
  const plot = plotNames(worker, state);
  if (run === undefined || newestOf(state, run.id) !== worker) return { directories: [], files: plot };
  const { log } = processFiles(workerDirectory(dataDir, run.id), 'plotter');
  return { directories: run.spec.temp_dirs, files: [log, ...plot] };
}

/**
 * How a worker's files are: a text that is another one as soon as any of them has grown, was written to, came or went.
 * `null` where their disks don't say within `timeoutMs`. Never rejects.
 */
export function growthMark({ directories, files }: GrowingFiles, timeoutMs: number): Promise<string | null> {
  const points = mountPoints();
  const marked = () => markOf(directories, files).catch(() => null);
  return threads.take(mountOf(directories[0] ?? files.at(-1) ?? '/', points), marked, timeoutMs);
}

async function markOf(directories: readonly string[], files: readonly string[]): Promise<string> {
  const marks: string[] = [];
  for (const directory of directories) await markDirectory(directory, marks);
  for (const file of files) await markFile(file, marks);
  return createHash('sha256').update(marks.sort().join('\n')).digest('hex').slice(0, 16);
}

async function markDirectory(directory: string, marks: string[]): Promise<void> {
  try {
    for await (const entry of await opendir(directory)) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) await markDirectory(path, marks);
      else await markFile(path, marks);
    }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** Plotters also write into files that have their whole length from the beginning: these grow in blocks, or are newer. */
async function markFile(path: string, marks: string[]): Promise<void> {
  try {
    const { size, blocks, mtimeMs } = await lstat(path);
    marks.push(JSON.stringify([path, size, blocks, mtimeMs]));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
