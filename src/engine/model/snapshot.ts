import * as z from 'zod';
import type { Checked, Format } from '../../storage/journal/migrate.ts';
import { historyLineSchema } from './history-line.ts';
import { indexRun, indexWorker } from './index-runs.ts';
import { jobStateSchema } from './job-state.ts';
import { parseEvent } from './kept-event.ts';
import { leftJobSchema } from './left-job.ts';
import { metaSchema } from './meta.ts';
import { moveStateSchema } from './move-state.ts';
import { entryMigrations, snapshotMigrations } from './migrations.ts';
import { paceSchema } from './pace.ts';
import { rightKeys } from './parse-keys.ts';
import { count } from './parts.ts';
import { producedSchema } from './produced.ts';
import { remoteFireSchema } from './remote-fire.ts';
import { runSchema } from './run-state.ts';
import { startedInSchema } from './started-in.ts';
import { emptyState, type State } from './state.ts';
import { storedPlotterSchema } from './stored-definitions.ts';
import { timerSchema } from './timer-state.ts';
import { madeSchema, transferSchema } from './transfer-state.ts';
import { workerSchema } from './worker-state.ts';
import { writtenSchema } from './written.ts';

const MAPS = [
  ...['jobs', 'runs', 'workers', 'timers', 'definitions', 'paces', 'produced', 'started_in', 'left'],
  ...['written', 'moves', 'transfers', 'made', 'history', 'remote_fires', 'fire_transactions'],
] as const;
const META_KEYS = metaSchema.keyof().options;
/** The state's single values. */
export const SNAPSHOT_VALUES = [...META_KEYS, 'seq', 'unacked'] as const;

/** The name and version of what state.json holds; an older version is migrated, a newer one refused. */
export const STATE_FORMAT = 'plot2mqtt-state';
export const STATE_VERSION = 2;

type Snapshot = Pick<State, (typeof SNAPSHOT_VALUES)[number]> & {
  [Key in (typeof MAPS)[number]]: State[Key] extends Map<string, infer Value> ? [string, Value][] : never;
};

/** The whole state as JSON values. */
export function toSnapshot(state: State): Snapshot {
  const { index: _, ...values } = state;
  return {
    ...values,
    jobs: [...state.jobs],
    runs: [...state.runs],
    workers: [...state.workers],
    timers: [...state.timers],
    definitions: [...state.definitions],
    paces: [...state.paces],
    produced: [...state.produced],
    started_in: [...state.started_in],
    left: [...state.left],
    written: [...state.written],
    moves: [...state.moves],
    transfers: [...state.transfers],
    made: [...state.made],
    history: [...state.history],
    remote_fires: [...state.remote_fires],
    fire_transactions: [...state.fire_transactions],
  };
}

/** What a snapshot is at the least: of what else is in it, each thing is looked at by itself. */
const snapshotSchema = z.looseObject({
  instance: z.string().min(1),
  seq: count,
  unacked: z.array(z.unknown()),
  ...Object.fromEntries(MAPS.map((key) => [key, z.array(z.unknown())])),
});

/**
 * The state that a snapshot holds. What in it isn't as it should be is left out, and named in `faults`. Throws where
 * the value is no snapshot at all.
 */
export function fromSnapshot(value: unknown, faults: string[] = []): State {
  const parsed = snapshotSchema.safeParse(value);
  if (!parsed.success) throw new Error(NO_SNAPSHOT);
  const { data } = parsed;
  const map = <Value>(key: (typeof MAPS)[number], schema: z.ZodType<Value>) =>
    mapOf(data[key], key, schema, faults);
  const state: State = {
    ...emptyState(data.instance),
    ...rightKeys(metaSchema.shape, data, (key) => faults.push(`its ${key}`)),
    seq: data.seq,
    jobs: map('jobs', jobStateSchema),
    runs: map('runs', runSchema),
    workers: map('workers', workerSchema),
    timers: map('timers', timerSchema),
    definitions: map('definitions', storedPlotterSchema),
    paces: map('paces', paceSchema),
    produced: map('produced', producedSchema),
    started_in: map('started_in', startedInSchema),
    left: map('left', leftJobSchema),
    written: map('written', writtenSchema),
    moves: map('moves', moveStateSchema),
    transfers: map('transfers', transferSchema),
    made: map('made', madeSchema),
    history: map('history', historyLineSchema),
    remote_fires: map('remote_fires', remoteFireSchema),
    fire_transactions: map('fire_transactions', count),
    unacked: listOf(data.unacked, faults),
  };
  for (const run of state.runs.values()) indexRun(state.index, run);
  for (const worker of state.workers.values()) indexWorker(state.index, worker);
  return state;
}

const NO_SNAPSHOT = 'not a snapshot of plot2mqtt';

function mapOf<Value>(
  pairs: unknown,
  name: string,
  schema: z.ZodType<Value>,
  faults: string[],
): Map<string, Value> {
  const map = new Map<string, Value>();
  for (const pair of Array.isArray(pairs) ? pairs : []) {
    const [key, value]: unknown[] = Array.isArray(pair) ? pair : [];
    const parsed = schema.safeParse(value);
    if (typeof key === 'string' && parsed.success) map.set(key, parsed.data);
    else faults.push(`one of its ${name}${typeof key === 'string' ? ` (${key})` : ''}`);
  }
  return map;
}

function listOf(values: unknown[], faults: string[]) {
  const good = values.map(parseEvent).filter((each) => each !== null);
  if (good.length < values.length) faults.push(`${values.length - good.length} of its events`);
  return good;
}

/** What is wrong with a snapshot. Of one with a checksum, no more is looked at than whether it is one. */
function fault(value: unknown, { sealed }: Checked): string | null {
  if (!snapshotSchema.safeParse(value).success) return NO_SNAPSHOT;
  if (sealed) return null;
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
