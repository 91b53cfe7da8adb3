import type { UsedRoom } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { plotFiles } from '../../engine/working/stages.ts';
import { fileBytes, usedBytes } from '../../host/directories.ts';
import { threads } from '../../host/looks.ts';
import { mountOf, mountPoints } from '../../host/mounts.ts';

/** The names under which plotters write a plot on its way to the destination. */
const PARTIAL_SUFFIXES = ['', '.tmp', '.2.tmp'];

/**
 * What a worker in flight has taken so far; `null` where its disks don't say within `timeoutMs`, and where it has ended
 * meanwhile. Never throws or rejects.
 */
export function usedBy(
  worker: WorkerState,
  state: State,
  timeoutMs: number,
  points: readonly string[] = mountPoints(),
): Promise<UsedRoom | null> {
  const run = state.runs.get(worker.run);
  if (run === undefined) return Promise.resolve(null);
  const { temp_dirs } = run.spec;
  // Asked now: until it is our turn, the worker may have ended and its run be gone.
  const files = plotNames(worker, state);
  const measure = () => measured(temp_dirs, files).catch(() => null);
  return threads.take(mountOf(temp_dirs[0] ?? '/', points), measure, timeoutMs);
}

/** The files in which a worker's plot may be, whole or on its way to the destination; none where its run is gone. */
export function plotNames(worker: WorkerState, state: State): string[] {
  const run = state.runs.get(worker.run);
  if (run === undefined) return [];
  const suffixes = [...new Set([...PARTIAL_SUFFIXES, ...run.partial])];
  return plotFiles(state, worker).flatMap((file) => suffixes.map((suffix) => file + suffix));
}

async function measured(tempDirs: readonly string[], files: readonly string[]): Promise<UsedRoom> {
  const temp = await Promise.all(tempDirs.map(usedBytes));
  const plot = await Promise.all(files.map(fileBytes));
  return {
    temp_bytes: temp.reduce((sum, bytes) => sum + bytes, 0),
    plot_bytes: Math.max(0, ...plot.map((bytes) => bytes ?? 0)),
  };
}
