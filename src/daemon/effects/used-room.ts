import type { UsedRoom } from '../../engine/inputs.ts';
import { runOf, type State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { plotFile } from '../../engine/working/stages.ts';
import { fileBytes, usedBytes } from '../../host/directories.ts';

/** The names under which plotters write a plot on its way to the destination. */
const PARTIAL_SUFFIXES = ['', '.tmp', '.2.tmp'];

/** What a worker in flight has taken so far. Rejects, or takes its time, where a disk does. */
export async function usedBy(worker: WorkerState, state: State): Promise<UsedRoom> {
  const temp = await Promise.all(runOf(state, worker).spec.temp_dirs.map(usedBytes));
  const file = plotFile(state, worker);
  const plot = file === null ? [] : await Promise.all(PARTIAL_SUFFIXES.map((end) => fileBytes(file + end)));
  return {
    temp_bytes: temp.reduce((sum, bytes) => sum + bytes, 0),
    plot_bytes: Math.max(0, ...plot.map((bytes) => bytes ?? 0)),
  };
}
