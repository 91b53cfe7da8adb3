import type { Migrations } from '../../storage/journal/migrate.ts';
import { isObject } from '../../util/objects.ts';
import { NO_REPLOT_PACE } from '../moving/pace.ts';
import { NO_ENERGY } from './energy.ts';
import { FREE_FARM } from './farm-state.ts';
import { jobOfVersion1, lineOfVersion1, splitWorker, timerOfVersion1 } from './version-1.ts';

/** What a state of version 2 has beside its jobs and workers that one of version 1 lacks, with what it was then. */
const VALUES_SINCE_VERSION_2 = {
  timescale: null,
  produced: [],
  started_in: [],
  remote_fires: [],
  fire_transactions: [],
  left: [],
  written: [],
  recent_plots: null,
  moves: [],
  transfers: [],
  made: [],
  farm: FREE_FARM,
  energy: NO_ENERGY,
  left_credit: {},
  left_starts: {},
  matched: {},
  sequences: {},
  replot_pace: NO_REPLOT_PACE,
  history_bytes: null,
};

/** Snapshots of older versions, each brought to the next one. */
export const snapshotMigrations: Migrations = {
  1: (state) => {
    if (!isObject(state)) return state;
    return {
      ...VALUES_SINCE_VERSION_2,
      ...state,
      jobs: mapped(state.jobs, jobOfVersion1),
      runs: mapped(state.workers, (worker) => splitWorker(worker).run),
      workers: mapped(state.workers, (worker) => splitWorker(worker).worker),
      timers: mapped(state.timers, timerOfVersion1),
      history: mapped(state.history, lineOfVersion1),
    };
  },
};

/** Entries of older versions, each brought to the next one. */
export const entryMigrations: Migrations = {
  1: (entry) => {
    if (!isObject(entry) || !Array.isArray(entry.c)) return entry;
    return { ...entry, c: entry.c.flatMap((change: unknown) => changesInVersion2(change)) };
  },
};

type Value = Record<string, unknown>;

/** What was put down whole has its id; anything else were keys of what was there. */
function changesInVersion2(change: unknown): unknown[] {
  if (!Array.isArray(change)) return [change];
  const [kind, id, value]: unknown[] = change;
  if (kind === 'worker' && value === null) return [change, ['run', id, null]];
  if (!isObject(value)) return [change];
  switch (kind) {
    case 'job':
      return [['id' in value ? 'job' : 'job_keys', id, jobOfVersion1(value)]];
    case 'worker': {
      const { run, worker } = splitWorker(value);
      if ('id' in value)
        return [
          ['run', id, run],
          ['worker', id, worker],
        ];
      return [...keysOf('run_keys', id, run), ...keysOf('worker_keys', id, worker)];
    }
    case 'timer':
      return [[kind, id, timerOfVersion1(value)]];
    case 'history':
      return [[kind, id, lineOfVersion1(value)]];
    default:
      return [change];
  }
}

function keysOf(kind: string, id: unknown, keys: Value): unknown[] {
  return Object.keys(keys).length === 0 ? [] : [[kind, id, keys]];
}

function mapped(pairs: unknown, of: (value: Value) => Value): unknown {
  if (!Array.isArray(pairs)) return pairs;
  return pairs.map((pair: unknown) => {
    if (!Array.isArray(pair)) return pair;
    const [id, value]: unknown[] = pair;
    return isObject(value) ? [id, of(value)] : pair;
  });
}
