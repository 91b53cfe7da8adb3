import type { Effect, WantedDirectory } from '../../engine/effects.ts';
import type { DirectoryFacts, StartFacts, UsedRoom } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { probeDirectory } from '../../host/directories.ts';
import { type Allowance, firstOutside } from '../commands/allowed-directories.ts';
import type { OldPlotsRemoval } from './old-plots.ts';
import { usedBy } from './used-room.ts';
import { within } from './within.ts';

/** A disk that takes longer to answer counts as away. */
const TIMEOUT_MS = 5_000;

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

async function measure(workers: WorkerState[], state: State): Promise<Map<string, UsedRoom>> {
  const used = await Promise.all(workers.map((worker) => within(TIMEOUT_MS, usedBy(worker, state))));
  const map = new Map<string, UsedRoom>();
  for (const [index, worker] of workers.entries()) {
    const room = used[index];
    if (room) map.set(worker.id, room);
  }
  return map;
}
