import type { Change } from './changes.ts';
import { indexRun, indexWorker, unindexRun, unindexWorker } from './index-runs.ts';
import { keysOf, pick } from './patch.ts';
import { SNAPSHOT_VALUES } from './snapshot.ts';
import type { State } from './state.ts';

/** Puts something back to where it was before. */
export type Undo = () => void;

type Kept = (typeof MAP_OF)[keyof typeof MAP_OF];

const MAP_OF = {
  job: 'jobs',
  run: 'runs',
  worker: 'workers',
  timer: 'timers',
  definition: 'definitions',
  pace: 'paces',
  produced: 'produced',
  started_in: 'started_in',
  left: 'left',
  written: 'written',
  history: 'history',
  remote_fire: 'remote_fires',
  fire_transaction: 'fire_transactions',
  move: 'moves',
  transfer: 'transfers',
  made: 'made',
} as const satisfies Record<Exclude<Change[0], 'meta' | `${string}_keys`>, keyof State>;

/** Keys of a map in their order, from before the first of them went. */
export type Orders = Map<Kept, readonly string[]>;

/**
 * What takes a change of the state back; asked for before the change is made. Objects stay the same ones: others hold
 * them. What was removed comes back last: `inOrder` puts it in its place.
 */
export function inverseOf(state: State, change: Change, orders: Orders): Undo {
  switch (change[0]) {
    // The state's single values are kept all together: see `inverseOfValues`.
    case 'meta':
      return () => undefined;
    case 'job_keys':
      return inverseOfKeys(state.jobs.get(change[1]), change[2]);
    case 'run_keys':
      return inverseOfKeys(state.runs.get(change[1]), change[2]);
    case 'worker_keys':
      return inverseOfKeys(state.workers.get(change[1]), change[2]);
    case 'move_keys':
      return inverseOfKeys(state.moves.get(change[1]), change[2]);
    case 'transfer_keys':
      return inverseOfKeys(state.transfers.get(change[1]), change[2]);
    default:
      return inverseOfWhole(state, change[1], { name: MAP_OF[change[0]], gone: change[2] === null }, orders);
  }
}

function inverseOfKeys<Value extends object>(present: Value | undefined, keys: Partial<Value>): Undo {
  return present ? inverseOfPatch(present, keys) : () => undefined;
}

function inverseOfWhole(
  state: State,
  id: string,
  { name, gone }: { name: Kept; gone: boolean },
  orders: Orders,
): Undo {
  const map: Map<string, unknown> = state[name];
  const present = map.get(id);
  if (gone && present !== undefined && !orders.has(name)) orders.set(name, [...map.keys()]);
  return () => {
    unindex(state, name, id);
    if (present !== undefined) map.set(id, present);
    else map.delete(id);
    reindex(state, name, id);
  };
}

function unindex(state: State, name: Kept, id: string): void {
  if (name === 'runs') unindexRun(state.index, state.runs.get(id));
  if (name === 'workers') unindexWorker(state.index, state.workers.get(id));
}

function reindex(state: State, name: Kept, id: string): void {
  if (name === 'runs') indexRun(state.index, state.runs.get(id));
  if (name === 'workers') indexWorker(state.index, state.workers.get(id));
}

/** Takes a patch of this object back; asked for before the patch is made. */
export function inverseOfPatch<Value extends object>(value: Value, patch: Partial<Value>): Undo {
  const before: Partial<Value> = {};
  const missing: (keyof Value)[] = [];
  for (const key of keysOf(patch)) {
    if (key in value) before[key] = value[key];
    else missing.push(key);
  }
  return () => {
    const present: Partial<Value> = value;
    Object.assign(present, before);
    for (const key of missing) delete present[key];
  };
}

/** Brings maps from which something had gone back to their order. */
export function inOrder(state: State, orders: Orders): void {
  for (const [name, keys] of orders) {
    const map: Map<string, unknown> = state[name];
    for (const key of keys) {
      const value = map.get(key);
      if (value === undefined) continue;
      map.delete(key);
      map.set(key, value);
    }
  }
}

/** Takes back whatever becomes of the state's single values and of its list of events. */
export function inverseOfValues(state: State): Undo {
  const before = pick(state, SNAPSHOT_VALUES);
  const { unacked } = state;
  const { length } = unacked;
  return () => {
    Object.assign(state, before);
    unacked.length = length;
  };
}
