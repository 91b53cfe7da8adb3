import type { RunState } from './run-state.ts';
import type { WorkerState } from './worker-state.ts';

/** Where runs and workers are found without a search. */
export interface Index {
  /** Runs by job and slot. */
  slots: Map<string, Map<number, RunState>>;
  /** Workers by run and id. */
  workers: Map<string, Map<string, WorkerState>>;
}

/** An index of nothing. */
export function newIndex(): Index {
  return { slots: new Map(), workers: new Map() };
}

/** Puts a run where `slots` has it; it has its job and slot from its first patch to its removal. */
export function indexRun({ slots }: Index, run: RunState | undefined): void {
  if (run) into(slots, run.job, run.slot, run);
}

/** Takes a run that is still there out of `slots`. */
export function unindexRun({ slots }: Index, run: RunState | undefined): void {
  if (run) outOf(slots, run.job, run.slot);
}

/** The same for a worker, which keeps its run. */
export function indexWorker({ workers }: Index, worker: WorkerState | undefined): void {
  if (worker) into(workers, worker.run, worker.id, worker);
}

/** Takes a worker that is still there out of `workers`. */
export function unindexWorker({ workers }: Index, worker: WorkerState | undefined): void {
  if (worker) outOf(workers, worker.run, worker.id);
}

function into<Key, Value>(map: Map<string, Map<Key, Value>>, first: string, second: Key, value: Value): void {
  const inner = map.get(first) ?? new Map<Key, Value>();
  if (inner.get(second) !== value) map.set(first, inner.set(second, value));
}

function outOf<Key, Value>(map: Map<string, Map<Key, Value>>, first: string, second: Key): void {
  const inner = map.get(first);
  inner?.delete(second);
  if (inner?.size === 0) map.delete(first);
}
