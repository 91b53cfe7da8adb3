import { dirname, resolve } from 'node:path';
import { isObject } from '../../util/objects.ts';
import { NO_ENERGY, NO_PLOT_METERED } from './energy.ts';
import { OWN_PAUSE } from './hold.ts';

/** What is read from files of version 1: nothing of it is believed before it is in today's shape. */
type Value = Record<string, unknown>;

/** What whole things of version 2 have that those of version 1 lack, with what it was then. */
const SINCE_VERSION_2 = {
  job: {
    replot_credit: {},
    replot_told: [],
    blocked_text: null,
    asked: [],
    plots_failed: 0,
    recent_plots: [],
    keeping: { stopped: false, wait_s: 0, due: null, due_steady: null },
    last_start: null,
    ...NO_PLOT_METERED,
  },
  definition: {
    keep_running: false,
    choose: 'spread',
    plots_per_run: 1,
    stall_timeout: 'auto',
    on_stall: 'report',
  },
  timer: { due_steady: null, moment: null, target: null },
  line: { cause: null, size: null, temp_dir: null, dest_dir: null, phases: {}, ...NO_ENERGY },
  run: {
    cause: null,
    plots: 1,
    begun: 0,
    ends_after: null,
    is_over: false,
    has_failed: false,
    origin: 'unknown',
    over_mqtt: [],
    owns_by_record: false,
    partial: [],
    refused: null,
    stopped_for: null,
    ended_with: null,
  },
  worker: {
    nth: 1,
    dismissed: false,
    save_log: false,
    beside: null,
    cause: null,
    post: null,
    began_at: null,
    plotter_seq: null,
    replot_room: null,
    replot_refused: null,
    named_seq: null,
    plot_bytes: null,
    plot_size: null,
    waiting: null,
    silent_ms: 0,
    silent_from: 0,
    growth: null,
    silences: {},
    stalled_s: null,
    fatal: null,
    ...NO_ENERGY,
  },
} as const;

/** A job, or keys of one: its pause has become one of its holds. Nobody knows since when it stands. */
export function jobOfVersion1({ paused, ...job }: Value): Value {
  const own = {
    ...{ kind: 'pause', reason: null, since: 0, until: null, until_steady: null },
    ...{ moves: false, jobs: null, set_by: 'command', declared: false },
  };
  const holds = paused === undefined ? {} : { holds: paused === true ? { [OWN_PAUSE]: own } : {} };
  return { ...('id' in job ? SINCE_VERSION_2.job : {}), ...withWholeDefinitions(job), ...holds };
}

/** Definitions are written whole, also among keys. */
function withWholeDefinitions(job: Value): Value {
  const whole: Value = { ...job };
  for (const key of ['definition', 'hidden'])
    if (isObject(job[key])) whole[key] = { ...SINCE_VERSION_2.definition, ...job[key] };
  return whole;
}

/** A timer, which is always written whole: it doesn't know to what its name is bound. */
export function timerOfVersion1(timer: Value): Value {
  return { ...SINCE_VERSION_2.timer, ...timer };
}

/** A line of the history, which is always written whole: its worker was a run of one. */
export function lineOfVersion1(line: Value): Value {
  return { ...SINCE_VERSION_2.line, run: line.worker, ...line };
}

/** Keys that were a worker's and are its run's. */
const OF_RUN = [
  'plotter',
  'definition',
  'log_offset',
  'interrupted',
  'paused',
  'suspended',
  'suspended_at',
  'dismissed',
];
/** Keys that both have. */
const OF_BOTH = ['id', 'job', 'slot', 'started_at'];

/** A worker, or keys of one: it was a run of one, which has its id. */
export function splitWorker({ spec, room, process, ...rest }: Value): { run: Value; worker: Value } {
  const whole = 'id' in rest;
  const run: Value = whole ? { ...SINCE_VERSION_2.run } : {};
  const worker: Value = whole ? { ...SINCE_VERSION_2.worker, run: rest.id } : {};
  for (const [key, value] of Object.entries(rest)) {
    if (OF_RUN.includes(key) || OF_BOTH.includes(key)) run[key] = value;
    if (!OF_RUN.includes(key)) worker[key] = value;
  }
  if ('replot' in worker) worker.replot = worker.replot === null ? [] : [worker.replot];
  if (process !== undefined) Object.assign(worker, { post: postOf(process) });
  if (process !== undefined) Object.assign(run, { process: ofRun(process) });
  if (isObject(spec)) splitSpec(spec, room, { run, worker });
  return { run, worker };
}

function postOf(process: unknown): unknown {
  if (!isObject(process) || process.kind !== 'post') return null;
  return { pid: process.pid, at: process.at, stopped_for: null };
}

function ofRun(process: unknown): unknown {
  return isObject(process) && process.kind === 'post' ? null : process;
}

/** What the process was started with is its run's; how its plot should go, and where, is the worker's. */
function splitSpec(spec: Value, room: unknown, { run, worker }: { run: Value; worker: Value }): void {
  const { dest_dir, replot_before, pace_key, weights, expected_s, ...ofProcess } = spec;
  run.spec = ofProcess;
  Object.assign(worker, {
    replot_rule: typeof replot_before === 'string' ? { before: replot_before } : null,
    pace: { key: pace_key, weights, expected_s },
    placement: placementOf(ofProcess.temp_dirs, dest_dir, room),
  });
}

/** Each of its directories, and the room that it had claimed there. */
function placementOf(tempDirs: unknown, destination: unknown, room: unknown): unknown[] {
  const claims = (Array.isArray(room) ? room : []).filter(isObject);
  const dirs: unknown[] = Array.isArray(tempDirs) ? tempDirs : [];
  const placed = (role: string, path: unknown, isOf: (claimed: unknown) => boolean) => {
    const own = claims.filter((claim) => claim.role === role && isOf(claim.path));
    // Two temporary directories may have been one.
    const bytes = own.reduce((sum, claim) => sum + Number(claim.bytes), 0);
    return { role, path, filesystem: own[0]?.device ?? '', bytes };
  };
  return [
    ...dirs.map((own) =>
      typeof own === 'string'
        ? placed(
            'temp',
            dirname(own),
            (claimed) => typeof claimed === 'string' && resolve(claimed) === dirname(own),
          )
        : placed('temp', own, () => false),
    ),
    ...(destination === null
      ? []
      : [placed('destination', destination, (claimed) => claimed === destination)]),
  ];
}
