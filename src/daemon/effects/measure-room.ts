import type { UsedRoom } from '../../engine/inputs.ts';
import { runOf, type State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { plotFile } from '../../engine/working/stages.ts';
import { fileBytes, usedBytes } from '../../host/directories.ts';
import { threads } from '../../host/looks.ts';
import { mountOf, mountPoints } from '../../host/mounts.ts';

/** A disk that takes longer to answer counts as away. However many do, a start has been looked at in 5 s (contract, section 8). */
export const LOOK_MS = 3_500;
/** The names under which plotters write a plot on its way to the destination. */
const PARTIAL_SUFFIXES = ['', '.tmp', '.2.tmp'];

/**
 * What workers have taken so far, by worker. One whose disk doesn't answer in time is left out: it counts as if it had
 * taken nothing. Never rejects.
 */
export async function measureRoom(workers: WorkerState[], state: State): Promise<Map<string, UsedRoom>> {
  const points = mountPoints();
  const used = await Promise.all(
    workers.map((worker) => {
      const [first = '/'] = runOf(state, worker).spec.temp_dirs;
      return threads.take(mountOf(first, points), () => usedBy(worker, state).catch(() => null), LOOK_MS);
    }),
  );
  const map = new Map<string, UsedRoom>();
  for (const [index, worker] of workers.entries()) {
    const room = used[index];
    if (room) map.set(worker.id, room);
  }
  return map;
}

async function usedBy(worker: WorkerState, state: State): Promise<UsedRoom> {
  const temp = await Promise.all(runOf(state, worker).spec.temp_dirs.map(usedBytes));
  const file = plotFile(state, worker);
  const plot = file === null ? [] : await Promise.all(PARTIAL_SUFFIXES.map((end) => fileBytes(file + end)));
  return {
    temp_bytes: temp.reduce((sum, bytes) => sum + bytes, 0),
    plot_bytes: Math.max(0, ...plot.map((bytes) => bytes ?? 0)),
  };
}

/** What isn't known in time, or can't be, is `null`. */
export async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | null> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, Math.max(1, ms), null).unref());
  return Promise.race([promise.catch(() => null), late]);
}
