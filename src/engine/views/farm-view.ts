import type { DiskFigures, DiskState, FarmDisks, FarmView } from '../../contract/views.ts';
import { isDrained, movingNow } from '../jobs/farm.ts';
import { shownEnergy } from '../model/energy.ts';
import type { JobState } from '../model/job-state.ts';
import { runOf, type State } from '../model/state.ts';
import { LAST_DAY, sumOf } from '../model/tally.ts';
import { replotEnd } from '../moving/pace.ts';
import type { Moment } from '../surroundings.ts';
import { progressAt } from '../working/progress.ts';
import { silenceInWords } from '../working/silence.ts';

/** What the farm's view takes from outside the state. */
export interface AroundFarm {
  /** The local date. */
  today: string;
  /** Whether the state can be written. */
  storage: 'ok' | 'failing';
  /** The disks as they were last looked at. */
  disks: readonly Pick<DiskFigures, 'role' | 'path' | 'state'>[];
  /** The destinations together. */
  room: FarmDisks;
  /** What replotting would still remove; `null`: nobody has looked yet. */
  oldPlots?: Pick<FarmView, 'old_plots' | 'old_bytes'> | null;
  /** What Home Assistant doesn't get, in words. */
  leftOut?: readonly string[];
}

/**
 * What `B/farm` shows now. `last_end_at` is that of `lively`, if it is given and as many workers run, which saves a look
 * at every worker.
 */
export function farmView(
  state: State,
  moment: Moment,
  { today, storage, disks, room, oldPlots = null, leftOut = [] }: AroundFarm,
  lively?: Pick<FarmView, 'last_end_at' | 'workers'>,
): FarmView {
  const workers = state.runs.size;
  let pending = 0;
  for (const job of state.jobs.values()) pending += job.pending;
  return {
    max_workers: state.farm.max_workers,
    holds: holdsView(state),
    workers,
    moves: movingNow(state),
    pending,
    drained: isDrained(state),
    last_end_at: lively?.workers === workers ? lively.last_end_at : lastEnd(state, moment),
    plots_done: state.plots_done,
    plots_today: state.day.date === today ? state.day.plots : 0,
    plots_per_day: sumOf(state.recent_plots ?? [], moment.steady, LAST_DAY),
    ...room,
    ...shownEnergy(state.energy),
    old_plots: oldPlots?.old_plots ?? null,
    old_bytes: oldPlots?.old_bytes ?? null,
    replot_eta: replotEta(state, moment, oldPlots?.old_plots ?? null),
    problems: [...problemsOf(state, storage, disks), ...leftOut],
  };
}

function replotEta({ replot_pace }: State, { now }: Moment, left: number | null): string | null {
  const end = left === null ? null : replotEnd(left, replot_pace, now);
  // A time that no calendar has is as good as never.
  return end === null || end > MAX_TIME ? null : new Date(end).toISOString();
}

/** The end of the year 9999. */
const MAX_TIME = 253_402_300_799_999;

function holdsView({ farm }: State): FarmView['holds'] {
  return Object.entries(farm.holds).map(([name, { kind, jobs, moves, reason, since, until }]) => ({
    ...{ name, kind, jobs, moves, reason },
    since: new Date(since).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
  }));
}

/** When the last worker will have ended; `null` where none runs, or nobody knows of one of them. */
function lastEnd(state: State, { now, steady }: Moment): string | null {
  let last: number | null = null;
  for (const worker of state.workers.values()) {
    const { eta } = progressAt(runOf(state, worker), worker, steady);
    if (eta === null) return null;
    last = Math.max(last ?? 0, now + eta - steady);
  }
  return last === null || !Number.isFinite(last) ? null : new Date(last).toISOString();
}

const ROLES = { temp: 'temporary directory', staging: 'destination', destination: 'destination' } as const;
const AWAY = {
  missing: 'is missing',
  not_mounted: 'is not mounted',
  read_only: "can't be written to",
  not_answering: "doesn't answer",
} as const satisfies Record<Exclude<DiskState, 'ok'>, string>;

/** Its text stands by itself in answers and the log, and so begins with the job's name, which is said already here. */
function whyBlocked({ id, blocked_text, last_error }: JobState): string {
  const text = blocked_text ?? last_error ?? '';
  const name = `job '${id}': `;
  return text.startsWith(name) ? text.slice(name.length) : text;
}

/** What somebody should look after, in words. */
function problemsOf(state: State, storage: AroundFarm['storage'], disks: AroundFarm['disks']): string[] {
  const failing = "the state can't be written: see the log";
  const blocked = [...state.jobs.values()]
    .filter((job) => job.blocked !== 'none')
    .map((job) => `job '${job.id}' is blocked (${job.blocked}): ${whyBlocked(job)}`);
  const waiting = [...state.workers.values()]
    .filter(({ waits }) => waits)
    .map(({ job, slot, error }) => `worker ${slot} of job '${job}' waits: ${error ?? ''}`);
  const stalled = [...state.workers.values()].flatMap(({ job, slot, stalled_s }) =>
    stalled_s === null ? [] : [`worker ${slot} of job '${job}' is stalled: ${silenceInWords(stalled_s)}`],
  );
  const away = disks.flatMap(({ role, path, state: how }) =>
    how === 'ok' ? [] : [`${ROLES[role]} ${path} ${AWAY[how]}`],
  );
  const moves = [...state.moves.values()]
    .filter(({ failures }) => failures > 0)
    .map(({ id, last_error }) => `move '${id}' fails: ${last_error ?? ''}`);
  return [
    ...(storage === 'failing' ? [failing] : []),
    ...blocked,
    ...waiting,
    ...stalled,
    ...moves,
    ...new Set(away),
  ];
}
