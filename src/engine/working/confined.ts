import { dirname } from 'node:path';
import type { State } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';

/** The directories of a worker that must lie where config.yaml allows: those that arrived over MQTT. */
export function confinedDirectories(state: State, worker: WorkerState): string[] {
  if (worker.origin !== 'unknown') return worker.over_mqtt;
  // Version 1 didn't write down where they came from.
  if (state.jobs.get(worker.job)?.owner !== 'mqtt') return [];
  const { temp_dirs, dest_dir } = worker.spec;
  return [...temp_dirs.map((path) => dirname(path)), ...(dest_dir === null ? [] : [dest_dir])];
}
