import type { Format } from '../storage/migrate.ts';
import { isObject } from '../util/objects.ts';
import type { Entry } from './entry.ts';
import { entryMigrations, snapshotMigrations } from './migrations.ts';
import { emptyState, type State } from './state.ts';

const MAPS = ['jobs', 'workers', 'timers', 'definitions', 'paces', 'produced', 'history'] as const;
/** The state's single values. */
export const SNAPSHOT_VALUES = [
  'instance',
  'seq',
  'acked',
  'dropped',
  'plots_done',
  'timescale',
  'day',
  'unacked',
] as const;

/** The name and version of what state.json holds; an older version is migrated, a newer one refused. */
export const STATE_FORMAT = 'plot2mqtt-state';
export const STATE_VERSION = 2;

type Snapshot = Pick<State, (typeof SNAPSHOT_VALUES)[number]> & {
  [Key in (typeof MAPS)[number]]: State[Key] extends Map<string, infer Value> ? [string, Value][] : never;
};

/** The whole state as JSON values. */
export function toSnapshot(state: State): Snapshot {
  return {
    instance: state.instance,
    seq: state.seq,
    acked: state.acked,
    dropped: state.dropped,
    plots_done: state.plots_done,
    timescale: state.timescale,
    day: state.day,
    unacked: state.unacked,
    jobs: [...state.jobs],
    workers: [...state.workers],
    timers: [...state.timers],
    definitions: [...state.definitions],
    paces: [...state.paces],
    produced: [...state.produced],
    history: [...state.history],
  };
}

/** The state that a snapshot holds. Throws where the value isn't one. */
export function fromSnapshot(value: unknown): State {
  if (!isSnapshot(value)) throw new Error('not a snapshot of plot2mqtt');
  const state: State = {
    ...emptyState(value.instance),
    ...Object.fromEntries(SNAPSHOT_VALUES.map((key) => [key, value[key]])),
    jobs: new Map(value.jobs),
    workers: new Map(value.workers),
    timers: new Map(value.timers),
    definitions: new Map(value.definitions),
    paces: new Map(value.paces),
    produced: new Map(value.produced),
    history: new Map(value.history),
  };
  for (const worker of state.workers.values()) {
    const slots = state.slots.get(worker.job) ?? new Map();
    state.slots.set(worker.job, slots.set(worker.slot, worker));
  }
  return state;
}

function isSnapshot(value: unknown): value is Snapshot {
  return (
    isObject(value) &&
    typeof value.instance === 'string' &&
    typeof value.seq === 'number' &&
    Array.isArray(value.unacked) &&
    MAPS.every((key) => Array.isArray(value[key]))
  );
}

/** Whether a line of the journal is an entry. */
export function isEntry(value: unknown): value is Entry {
  return isObject(value) && Array.isArray(value.c) && Array.isArray(value.e);
}

/** How the journal is to be opened: whose it is, and what becomes of older versions. */
export const stateFormat: Format = {
  format: STATE_FORMAT,
  version: STATE_VERSION,
  migrate: snapshotMigrations,
  migrateEntry: entryMigrations,
};
