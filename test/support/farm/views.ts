import type {
  BridgeStats,
  DiskFigures,
  FarmView,
  FileSystemFigures,
  HostFigures,
  JobView,
  MoveView,
  WorkerView,
} from '../../../src/contract/views.ts';
import { type DiskStory, disksOf, diskOf, plotsOnDisks } from './disks.ts';
import { eveningOf } from './evening.ts';
import { moveAll, type MoveStory, type MoveTrack } from './moves.ts';
import {
  HOUR,
  isMade,
  isRunning,
  type JobStory,
  MINUTE,
  PHASES,
  PLOT,
  progressOf,
  type Work,
  workOf,
} from './story.ts';

/** A farm that never was, as a story. */
export interface FarmStory {
  /** `mqtt.base_topic`. */
  base: string;
  jobs: readonly JobStory[];
  moves: readonly MoveStory[];
  disks: DiskStory | null;
  maxWorkers: number;
  /** Holds that config.yaml gives a title. */
  holds: Readonly<Record<string, string>>;
}

/** All that a daemon of it would publish, and what had happened before. */
export interface Told {
  story: FarmStory;
  now: number;
  work: readonly Work[];
  moves: readonly MoveTrack[];
  jobViews: ReadonlyMap<string, JobView>;
  /** By job and slot. */
  workerViews: ReadonlyMap<string, ReadonlyMap<number, WorkerView>>;
  moveViews: ReadonlyMap<string, MoveView>;
  farm: FarmView;
  stats: BridgeStats;
  host: HostFigures;
  filesystems: readonly FileSystemFigures[];
}

/** Tells a story as it is at a moment: all figures are counted from what happened. */
export function tell(story: FarmStory, now: number): Told {
  let seq = 41_200;
  const work = story.jobs.flatMap((job) => workOf(job, now, () => (seq += 3)));
  const made = work.filter((one) => isMade(one, now));
  const moves = story.moves.map((move) => moveAll(move, made, now));
  const today = eveningOf(now).midnight;
  const since = (from: number) => made.filter(({ to }) => to >= from).length;
  const disks = story.disks && disksOf(story.disks, work, moves, now, since(now - 24 * HOUR));
  const jobViews = new Map(story.jobs.map((job) => [job.id, jobView(job, work, now)]));
  const running = work.filter((one) => isRunning(one, now));
  const sum = (views: Iterable<JobView>, key: 'plots_done' | 'pending') =>
    [...views].reduce((total, view) => total + view[key], 0);
  const plotsDone =
    story.disks === null
      ? sum(jobViews.values(), 'plots_done')
      : plotsOnDisks(story.disks, moves, now) + made.length - arrivedIn(moves, now);
  const stats = { workers: running.length, plots_done: plotsDone, plots_today: since(today) };
  return {
    ...{ story, now, work, moves, jobViews, stats },
    workerViews: new Map(story.jobs.map((job) => [job.id, workerViews(job, work, now)])),
    moveViews: new Map(moves.map((move) => [move.story.id, moveView(move, story, now)])),
    farm: {
      ...{ max_workers: story.maxWorkers, holds: [], workers: running.length, drained: false },
      moves: moves.reduce((total, { moved }) => total + moved.filter((one) => onTheWay(one, now)).length, 0),
      pending: sum(jobViews.values(), 'pending'),
      last_end_at: iso(running.length === 0 ? null : Math.max(...running.map(({ to }) => to))),
      ...{ plots_done: plotsDone, plots_today: stats.plots_today, plots_per_day: since(now - 24 * HOUR) },
      ...{ energy_kwh: null, cost: null, old_plots: 0, old_bytes: 0, replot_eta: null },
      ...{ free_bytes: disks?.free ?? null, total_bytes: disks?.total ?? null },
      ...{ full_at: iso(disks?.fullAt ?? null), problems: problemsOf(story, disks?.disks ?? []) },
    },
    host: {
      ...{ cpu_percent: 71.4, load: [11.2, 10.8, 10.5], memory_used_mib: 21_340, memory_total_mib: 64_216 },
      disks: disks?.disks ?? [],
    },
    filesystems: disks?.filesystems ?? [],
  };
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const onTheWay = ({ from, to }: { from: number; to: number }, now: number) => from <= now && to > now;
const arrivedIn = (moves: readonly MoveTrack[], now: number) =>
  moves.flatMap(({ moved }) => moved).filter(({ to }) => to <= now).length;

/** As the daemon says them. */
function problemsOf({ jobs }: FarmStory, disks: readonly DiskFigures[]): string[] {
  return [
    ...jobs.flatMap(({ id, blocked }) =>
      blocked
        ? [`job '${id}' is blocked (${blocked.reason}): ${blocked.text.replace(`job '${id}': `, '')}`]
        : [],
    ),
    ...disks.flatMap(({ path, state }) => (state === 'ok' ? [] : [`destination ${path} is not mounted`])),
  ];
}

function jobView(job: JobStory, all: readonly Work[], now: number): JobView {
  const work = all.filter((one) => one.job === job);
  const made = work.filter((one) => isMade(one, now));
  const running = work.filter((one) => isRunning(one, now));
  const done = (job.before ?? 0) + made.length;
  const toDo = job.toDo ?? 0;
  const aDay = made.filter(({ to }) => to > now - 24 * HOUR).length;
  const inFlight = running.reduce((sum, one) => sum + progressOf(one, now) / 100, 0);
  const last = made.reduce<Work | null>((one, other) => (one && one.to > other.to ? one : other), null);
  const failed = work.findLast(({ error, to }) => error !== null && to <= now);
  const left = toDo - done;
  return {
    ...{ id: job.id, title: job.title, plotter: job.hours < 2 ? 'madmax' : 'chia' },
    state: job.blocked ? 'blocked' : running.length > 0 ? 'running' : 'idle',
    blocked_reason: job.blocked?.reason ?? 'none',
    ...{ enabled: true, paused: false, holds: [], emit_events: true },
    ...{ max_workers: Math.max(job.slots, 1), plots_to_do: toDo, plots_done: done },
    plots_failed: work.filter(({ error, to }) => error !== null && to <= now).length,
    ...{ plots_per_day: aDay, plots_remaining: toDo > 0 ? left : null },
    ...{ workers: running.length, pending: 0 },
    waiting_for: job.blocked?.reason ?? job.waiting?.reason ?? 'event',
    waiting_text: job.blocked?.text ?? job.waiting?.text ?? "a worker starts on 'next'",
    next_start_at: null,
    progress: toDo > 0 ? Math.round((1000 * (done + inFlight)) / toDo) / 10 : null,
    eta: iso(toDo > 0 && aDay > 0 ? now + ((left - inFlight) / aDay) * 24 * HOUR : null),
    last_plot: last && `${job.destDir ?? '/mnt'}/${plotName(last)}`,
    last_plot_at: iso(last?.to ?? null),
    last_plot_duration_s: last && Math.round((last.to - last.from) / 1000),
    average_plot_duration_s: job.hours * 3600,
    ...{ last_plot_kwh: null, average_plot_kwh: null, last_plot_cost: null, average_plot_cost: null },
    failures: 0,
    last_error: failed?.error ?? job.blocked?.text ?? null,
  };
}

/** As a plotter names its plot, with an id that is always the same. */
export function plotName({ id, from }: Work): string {
  const stamp = new Date(from).toISOString().slice(0, 16).replace(/[T:]/g, '-');
  const hex = [...id].map((letter) => letter.charCodeAt(0).toString(16)).join('');
  return `plot-k32-${stamp}-${hex.repeat(8).slice(0, 64)}.plot`;
}

function workerViews(job: JobStory, all: readonly Work[], now: number): ReadonlyMap<number, WorkerView> {
  const slots = Array.from({ length: job.slots }, (_, index) => index + 1);
  return new Map(
    slots.map((slot) => {
      const own = all.filter((one) => one.job === job && one.slot === slot && one.from <= now);
      return [slot, workerView(own.at(-1), now)];
    }),
  );
}

function workerView(work: Work | undefined, now: number): WorkerView {
  const isOn = work !== undefined && isRunning(work, now);
  const phase = isOn ? work.phases.findLast(({ from }) => from <= now) : undefined;
  const nth = phase === undefined ? null : String(PHASES.indexOf(phase.title) + 1);
  const isPaused = isOn && work.pause !== null && onTheWay(work.pause, now);
  const failed = work !== undefined && !isOn && work.error !== null ? work : null;
  const shown = isOn ? work : failed;
  return {
    worker: shown?.id ?? null,
    status: isOn ? (isPaused ? 'paused' : 'plotting') : failed ? 'failed' : 'idle',
    ...{ paused: isPaused, stage: nth, stage_title: phase?.title ?? null },
    ...{ phase: nth, phase_title: phase?.title ?? null },
    progress: isOn ? Math.round(progressOf(work, now) * 10) / 10 : null,
    pid: isOn ? 31_500 + work.slot : null,
    ...{ plot: null, plot_id: null, error: failed?.error ?? null, stalled: false, waits: false },
    ...aboutOf(shown),
    eta: isOn ? iso(work.to) : null,
  };
}

/** What a worker's status says of it beside. */
export function aboutOf(work: Work | null) {
  return {
    ...{ run: work?.id ?? null, started_at: iso(work?.from ?? null) },
    cause: work && { kind: work.cause.kind, event: work.cause.event, seq: work.cause.seq },
    ...{ temp_dir: work?.job.tempDir ?? null, dest_dir: work?.job.destDir ?? null },
  };
}

function moveView({ story, moved, states }: MoveTrack, { disks }: FarmStory, now: number): MoveView {
  const active = moved.filter((one) => onTheWay(one, now));
  const waiting = moved.filter(({ work, from }) => work.to <= now && from > now).length;
  const rate = Math.round(PLOT / (story.minutes * MINUTE * 0.001));
  return {
    ...{ id: story.id, title: story.title, enabled: true, paused: false },
    state: states.at(-1)?.state ?? 'idle',
    waiting_for: waiting > 0 ? 'limit' : 'none',
    waiting_text:
      waiting > 0
        ? `${active.length} of ${story.atOnce} files are on the way (max_moves ${story.atOnce})`
        : 'no file waits',
    ...{ queue: waiting, queue_bytes: waiting * PLOT, moved_bytes: 0, failures: 0, last_error: null },
    active: active.map(({ work, nth, from, to: until }) => ({
      ...{ plot: `${work.job.destDir}/${plotName(work)}`, from: work.job.destDir ?? '', size: PLOT },
      to: `${disks ? diskOf(disks, nth) : '/mnt/farm01'}/plots`,
      progress: Math.round((1000 * (now - from)) / (until - from)) / 10,
      ...{ bytes_per_s: rate, eta: iso(until) },
    })),
    bytes_per_s: active.length > 0 ? active.length * rate : null,
    moved: moved.filter(({ to: until }) => until <= now).length,
  };
}
