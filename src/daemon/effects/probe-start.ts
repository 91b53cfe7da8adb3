import type { Effect, WantedDirectory } from '../../engine/effects.ts';
import type { DirectoryFacts, StartFacts, UsedRoom } from '../../engine/inputs.ts';
import { runOf, type State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { plotFile } from '../../engine/working/stages.ts';
import { fileBytes, probeDirectory, usedBytes } from '../../host/directories.ts';
import { type Allowance, firstOutside } from '../commands/allowed-directories.ts';
import type { OldPlotsRemoval } from './old-plots.ts';

/** A disk that takes longer to answer counts as away. */
const TIMEOUT_MS = 5_000;
/** The names under which plotters write a plot on its way to the destination. */
const PARTIAL_SUFFIXES = ['', '.tmp', '.2.tmp'];

type ProbeEffect = Extract<Effect, { type: 'probe' }>;

export interface ProbeParts {
  state: State;
  oldPlots: OldPlotsRemoval;
  allowance(): Allowance;
}

/** Looks at everything that a start has to know of the disks. Never rejects. */
export async function probeStart(effect: ProbeEffect, parts: ProbeParts): Promise<StartFacts> {
  const { state } = parts;
  const [directories, old, used] = await Promise.all([
    Promise.all(effect.directories.map((wanted) => lookAt(wanted, parts.allowance()))),
    effect.replot === null ? null : within(TIMEOUT_MS, parts.oldPlots.list(effect.replot)),
    effect.measure ? measure([...state.workers.values()], state) : null,
  ]);
  // Where old plots can't be looked for none goes, and none counts as room.
  return { directories, old_plots: old?.plots ?? [], filesystem: old?.filesystem ?? null, used };
}

async function lookAt(wanted: WantedDirectory, allowance: Allowance): Promise<DirectoryFacts> {
  const { argument, role, path, over_mqtt } = wanted;
  const { problem, device, free_bytes } = await probeDirectory(path, { timeoutMs: TIMEOUT_MS });
  const outside = over_mqtt && problem === null && (await firstOutside(allowance, [path])) !== null;
  return {
    argument,
    role,
    path,
    problem: outside ? 'not_allowed' : problem,
    device: device ?? '',
    free_bytes: free_bytes ?? 0,
  };
}

/** What workers have taken so far; those whose disks don't answer are left out. */
export async function measure(workers: WorkerState[], state: State): Promise<Map<string, UsedRoom>> {
  const used = await Promise.all(workers.map((worker) => within(TIMEOUT_MS, usedBy(worker, state))));
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

/** What isn't known in time is `null`: a worker on a dead disk counts as if it had taken nothing. */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | null> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, ms, null).unref());
  return Promise.race([promise.catch(() => null), late]);
}
