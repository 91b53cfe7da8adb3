import type { Migrations } from '../../storage/migrate.ts';
import { isObject } from '../../util/objects.ts';

/** What a whole job, worker and state of version 2 have that those of version 1 lack, with what it was then. */
const SINCE_VERSION_2 = {
  state: { timescale: null, produced: [], left_credit: {}, history_bytes: null },
  job: {
    replot_credit: {},
    blocked_text: null,
    asked: [],
    keeping: { stopped: false, wait_s: 0, due: null, due_steady: null },
  },
  definition: { keep_running: false },
  worker: {
    replot_room: null,
    replot_more: false,
    replot_refused: null,
    origin: 'unknown',
    over_mqtt: [],
    owns_by_record: false,
    partial: [],
    began_at: null,
    plotter_seq: null,
    named_seq: null,
    plot_bytes: null,
    refused: null,
    stopped_for: null,
    ended_with: null,
    waiting: null,
  },
} as const satisfies Record<'state' | 'job' | 'definition' | 'worker', Record<string, unknown>>;

/** Snapshots of older versions, each brought to the next one. */
export const snapshotMigrations: Migrations = {
  1: (state) => {
    if (!isObject(state)) return state;
    return {
      ...SINCE_VERSION_2.state,
      ...state,
      jobs: mapPairs(state.jobs, wholeJob),
      workers: mapPairs(state.workers, (worker) => ({ ...SINCE_VERSION_2.worker, ...worker })),
    };
  },
};

/** Entries of older versions, each brought to the next one. */
export const entryMigrations: Migrations = {
  1: (entry) => {
    if (!isObject(entry) || !Array.isArray(entry.c)) return entry;
    return { ...entry, c: entry.c.map(wholeInVersion2) };
  },
};

/** A patch keeps the keys that it has; only what is written whole, with its id, gets what it lacks. */
function wholeInVersion2(change: unknown): unknown {
  if (!Array.isArray(change)) return change;
  const [kind, id, value]: unknown[] = change;
  if (!isObject(value)) return change;
  if (kind === 'job') return [kind, id, 'id' in value ? wholeJob(value) : withWholeDefinitions(value)];
  if (kind === 'worker' && 'id' in value) return [kind, id, { ...SINCE_VERSION_2.worker, ...value }];
  return change;
}

function wholeJob(job: Record<string, unknown>): Record<string, unknown> {
  return { ...SINCE_VERSION_2.job, ...withWholeDefinitions(job) };
}

/** Definitions are written whole, also in a patch. */
function withWholeDefinitions(job: Record<string, unknown>): Record<string, unknown> {
  const whole: Record<string, unknown> = { ...job };
  for (const key of ['definition', 'hidden'])
    if (isObject(job[key])) whole[key] = { ...SINCE_VERSION_2.definition, ...job[key] };
  return whole;
}

function mapPairs(pairs: unknown, map: (value: Record<string, unknown>) => unknown): unknown {
  if (!Array.isArray(pairs)) return pairs;
  return pairs.map((pair: unknown) => {
    if (!Array.isArray(pair)) return pair;
    const [id, value]: unknown[] = pair;
    return isObject(value) ? [id, map(value)] : pair;
  });
}
