import { destinationsOf, tempDirsOf } from '../model/placement.ts';
import { runOf, type State } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';

/** The directories of a worker that must lie where config.yaml allows: those that arrived over MQTT. */
export function confinedDirectories(state: State, worker: WorkerState): string[] {
  const { origin, over_mqtt } = runOf(state, worker);
  if (origin !== 'unknown') return over_mqtt;
  // Version 1 didn't write down where they came from.
  if (state.jobs.get(worker.job)?.owner !== 'mqtt') return [];
  return [...tempDirsOf(worker), ...destinationsOf(worker)];
}
