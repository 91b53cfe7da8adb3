import type { Effect } from '../engine/effects.ts';
import type { DirectoryFacts, StartFacts, UsedRoom } from '../engine/inputs.ts';
import { plotFile } from '../engine/position.ts';
import type { State, WorkerState } from '../engine/state.ts';
import { fileBytes, probeDirectory, usedBytes } from '../host/directories.ts';
import { oldestPlots } from '../host/plots.ts';

/** A disk that takes longer to answer counts as away. */
const TIMEOUT_MS = 5_000;
/** The names under which plotters write a plot on its way to the destination. */
const PARTIAL_SUFFIXES = ['', '.tmp', '.2.tmp'];

type ProbeEffect = Extract<Effect, { type: 'probe' }>;

/** Looks at everything that a start has to know of the disks. Never rejects. */
export async function probeStart(effect: ProbeEffect, state: State): Promise<StartFacts> {
  const [directories, old_plots, used] = await Promise.all([
    Promise.all(effect.directories.map(lookAt)),
    effect.replot === null ? [] : oldPlots(effect.replot),
    effect.measure ? measure([...state.workers.values()], state) : null,
  ]);
  return { directories, old_plots, used };
}

async function lookAt({ argument, role, path }: ProbeEffect['directories'][number]): Promise<DirectoryFacts> {
  const { problem, device, free_bytes } = await probeDirectory(path, { timeoutMs: TIMEOUT_MS });
  return { argument, role, path, problem, device: device ?? '', free_bytes: free_bytes ?? 0 };
}

async function oldPlots({ directory, before, count }: NonNullable<ProbeEffect['replot']>) {
  try {
    return await oldestPlots(directory, { before: new Date(before), count });
  } catch {
    // The directory itself is looked at beside this, and says what is wrong with it.
    return [];
  }
}

async function measure(workers: WorkerState[], state: State): Promise<Map<string, UsedRoom>> {
  const used = await Promise.all(workers.map((worker) => within(TIMEOUT_MS, usedBy(worker, state))));
  const map = new Map<string, UsedRoom>();
  for (const [index, worker] of workers.entries()) {
    const room = used[index];
    if (room) map.set(worker.id, room);
  }
  return map;
}

async function usedBy(worker: WorkerState, state: State): Promise<UsedRoom> {
  const temp = await Promise.all(worker.spec.temp_dirs.map(usedBytes));
  const file = plotFile(state, worker);
  const plot = file === null ? [] : await Promise.all(PARTIAL_SUFFIXES.map((end) => fileBytes(file + end)));
  return {
    temp_bytes: temp.reduce((sum, bytes) => sum + bytes, 0),
    plot_bytes: Math.max(0, ...plot.map((bytes) => bytes ?? 0)),
  };
}

/** What isn't known in time is `null`: a worker on a dead disk counts as if it had taken nothing. */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | null> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, ms, null).unref());
  return Promise.race([promise.catch(() => null), late]);
}
