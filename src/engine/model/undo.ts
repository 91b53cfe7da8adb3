import { type Change, indexKnown, unindexWorker } from './changes.ts';
import { keysOf, pick } from './patch.ts';
import { SNAPSHOT_VALUES } from './snapshot.ts';
import type { State } from './state.ts';

/** Puts something back to where it was before. */
export type Undo = () => void;

type Kept = 'jobs' | 'workers' | 'timers' | 'definitions' | 'paces' | 'produced' | 'history';

const MAP_OF = {
  job: 'jobs',
  worker: 'workers',
  timer: 'timers',
  definition: 'definitions',
  pace: 'paces',
  produced: 'produced',
  history: 'history',
} as const satisfies Record<Exclude<Change[0], 'meta'>, Kept>;

/** Keys of a map in their order, from before the first of them went. */
export type Orders = Map<Kept, readonly string[]>;

/**
 * What takes a change of the state back; asked for before the change is made. Objects stay the same ones: others hold
 * them. What was removed comes back last: `inOrder` puts it in its place.
 */
export function inverseOf(state: State, change: Change, orders: Orders): Undo {
  // The state's single values are kept all together: see `inverseOfValues`.
  if (change[0] === 'meta') return () => undefined;
  const name = MAP_OF[change[0]];
  const map: Map<string, object> = state[name];
  const [, id, value] = change;
  const present = map.get(id);
  if (value === null && present && !orders.has(name)) orders.set(name, [...map.keys()]);
  // Of a job or worker that is there only keys change; everything else is put in its place whole.
  const patched = present && value !== null && (name === 'jobs' || name === 'workers');
  const restore = patched ? inverseOfPatch(present, value) : () => undefined;
  return () => {
    restore();
    if (!present && name === 'workers') unindexWorker(state, id);
    if (present) map.set(id, present);
    else map.delete(id);
    if (name === 'workers') indexKnown(state, id);
  };
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
    const map: Map<string, object> = state[name];
    for (const key of keys) {
      const value = map.get(key);
      if (!value) continue;
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
