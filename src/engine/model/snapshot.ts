import type { Checked, Format } from '../../storage/migrate.ts';
import { isObject } from '../../util/objects.ts';
import { type Checks, count, text } from './checks.ts';
import { entryMigrations, snapshotMigrations } from './migrations.ts';
import {
  isDefinition,
  isEvent,
  isJob,
  isLine,
  isPace,
  isProduced,
  isTimer,
  isWorker,
  META,
} from './shapes.ts';
import { emptyState, indexWorker, type State } from './state.ts';

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
  'left_credit',
  'history_bytes',
  'unacked',
] as const;
type MapKey = (typeof MAPS)[number];
const SCALARS = { seq: count, ...META } satisfies Partial<Checks<State>>;

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
    left_credit: state.left_credit,
    history_bytes: state.history_bytes,
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

/**
 * The state that a snapshot holds. What in it isn't as it should be is left out, and named in `faults`. Throws where
 * the value is no snapshot at all.
 */
export function fromSnapshot(value: unknown, faults: string[] = []): State {
  const problem = notASnapshot(value);
  if (problem !== null || !isObject(value)) throw new Error(problem ?? '');
  const values: Partial<State> = {};
  for (const [key, check] of Object.entries(SCALARS))
    if (check(value[key])) Object.assign(values, { [key]: value[key] });
    else faults.push(`its ${key}`);
  const map = <Value>(key: MapKey, is: (each: unknown) => each is Value) =>
    mapOf(value[key], key, is, faults);
  const state: State = {
    ...emptyState(String(value.instance)),
    ...values,
    jobs: map('jobs', isJob),
    workers: map('workers', isWorker),
    timers: map('timers', isTimer),
    definitions: map('definitions', isDefinition),
    paces: map('paces', isPace),
    produced: map('produced', isProduced),
    history: map('history', isLine),
    unacked: listOf(value.unacked, isEvent, faults),
  };
  for (const worker of state.workers.values()) indexWorker(state, worker);
  return state;
}

function notASnapshot(value: unknown): string | null {
  const like = isObject(value) && text(value.instance) && value.instance !== '' && count(value.seq);
  const whole = like && Array.isArray(value.unacked) && MAPS.every((key) => Array.isArray(value[key]));
  return whole ? null : 'not a snapshot of plot2mqtt';
}

function mapOf<Value>(
  pairs: unknown,
  name: string,
  is: (each: unknown) => each is Value,
  faults: string[],
): Map<string, Value> {
  const map = new Map<string, Value>();
  for (const pair of Array.isArray(pairs) ? pairs : []) {
    const [key, value]: unknown[] = Array.isArray(pair) ? pair : [];
    if (typeof key === 'string' && is(value)) map.set(key, value);
    else faults.push(`one of its ${name}${typeof key === 'string' ? ` (${key})` : ''}`);
  }
  return map;
}

function listOf<Value>(values: unknown, is: (each: unknown) => each is Value, faults: string[]): Value[] {
  const all: unknown[] = Array.isArray(values) ? values : [];
  const good = all.filter(is);
  if (good.length < all.length) faults.push(`${all.length - good.length} of its events`);
  return good;
}

/** What is wrong with a snapshot. Of one with a checksum, no more is looked at than whether it is one. */
function fault(value: unknown, { sealed }: Checked): string | null {
  const problem = notASnapshot(value);
  if (problem !== null || sealed) return problem;
  const faults: string[] = [];
  fromSnapshot(value, faults);
  return faults.length === 0 ? null : `it has no right state: ${faults.slice(0, 3).join(', ')}`;
}

/** How the journal is to be opened: whose it is, and what becomes of older versions. */
export const stateFormat: Format = {
  format: STATE_FORMAT,
  version: STATE_VERSION,
  migrate: snapshotMigrations,
  migrateEntry: entryMigrations,
  fault,
};
