import type {
  BridgeStats,
  JobStateName,
  JobView,
  LivelyView,
  WorkerStatus,
  WorkerView,
} from '../../contract/views.ts';
import { hasOwnPause, isPaused, namesOfHolds } from '../jobs/holds.ts';
import { rounded } from '../model/energy.ts';
import type { JobState } from '../model/job-state.ts';
import { destinationOf, tempDirsOf } from '../model/placement.ts';
import type { RunState } from '../model/run-state.ts';
import { newestOf, runCount, runIn, runOf, runsOf, type State, workersOfJob } from '../model/state.ts';
import { LAST_DAY, sumOf } from '../model/tally.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { World } from '../starting/gates/gate.ts';
import { waitingOf } from '../starting/waiting.ts';
import type { Moment } from '../surroundings.ts';
import { percentage, progressAt } from '../working/progress.ts';
import { silenceInWords } from '../working/silence.ts';
import { phaseNow, plotFile, stageOf } from '../working/stages.ts';

function isoOrNull(at: number | null): string | null {
  return at === null || !Number.isFinite(at) ? null : new Date(at).toISOString();
}

/** Progress with its ETA by the host's clock. */
function progressNow(
  run: RunState,
  worker: WorkerState,
  { now, steady }: Moment,
): { share: number; eta: number | null } {
  const { share, eta } = progressAt(run, worker, steady);
  return { share, eta: eta === null ? null : now + eta - steady };
}

/** What `B/job/<job>` shows now; progress and eta are `lively`, if that is given. */
export function jobView(world: World, job: JobState, lively?: LivelyView): JobView {
  const { state } = world;
  const { definition } = job;
  const workers = runCount(state, job.id);
  const limit = definition.plots_to_do;
  const average = job.timed_plots === 0 ? null : Math.round((job.timed_s / job.timed_plots) * 1000) / 1000;
  const { progress, eta } = lively ?? (limit === 0 ? NO_LIMIT : jobProgress(state, job, world, average));
  return {
    id: job.id,
    title: definition.title ?? job.id,
    plotter: definition.plotter,
    state: stateName(state, job, workers),
    blocked_reason: job.blocked,
    enabled: definition.enabled,
    emit_events: definition.emit_events,
    paused: hasOwnPause(job),
    holds: namesOfHolds(state, job),
    max_workers: definition.max_workers,
    plots_to_do: limit,
    plots_done: job.plots_done,
    plots_failed: job.plots_failed,
    plots_per_day: sumOf(job.recent_plots, world.steady, LAST_DAY),
    plots_remaining: limit === 0 ? null : Math.max(0, limit - job.plots_done),
    workers,
    pending: job.pending,
    progress,
    eta,
    failures: job.failures,
    last_error: job.last_error,
    last_plot: job.last_plot,
    last_plot_at: isoOrNull(job.last_plot_at),
    last_plot_duration_s: job.last_plot_duration_s,
    average_plot_duration_s: average,
    ...plotEnergy(job),
    ...waitingOf(world, job),
  };
}

/** What the job's last plot took, and what they take on average; `null` where none was measured. */
function plotEnergy(job: JobState) {
  const average = (sum: number, plots: number) => (plots === 0 ? null : rounded(sum / plots));
  return {
    last_plot_kwh: rounded(job.last_plot_kwh),
    average_plot_kwh: average(job.metered_kwh, job.metered_plots),
    last_plot_cost: rounded(job.last_plot_cost),
    average_plot_cost: average(job.priced_cost, job.priced_plots),
  };
}

/** The first that holds, in the order of the contract, section 4. */
function stateName(state: State, job: JobState, workers: number): JobStateName {
  if (job.blocked !== 'none') return 'blocked';
  if (isPaused(state, job)) return 'paused';
  if (workers > 0) return 'running';
  const { plots_to_do, enabled } = job.definition;
  if (plots_to_do > 0 && job.plots_done >= plots_to_do) return 'done';
  return enabled ? 'idle' : 'disabled';
}

const NO_LIMIT = { progress: null, eta: null };

/** How much of what the job is to make is made, workers in flight counted, and when the last plot will be finished. */
function jobProgress(state: State, job: JobState, moment: Moment, average_s: number | null): LivelyView {
  let inFlight = 0;
  let last: number | null = moment.now;
  const workers = workersOfJob(state, job.id);
  for (const worker of workers) {
    const { share, eta } = progressNow(runOf(state, worker), worker, moment);
    inFlight += share;
    last = last === null || eta === null ? null : Math.max(last, eta);
  }
  const share = (job.plots_done + inFlight) / job.definition.plots_to_do;
  const eta =
    last === null
      ? null
      : jobEta(job, { workers: workers.length, paused: isPaused(state, job) }, last, average_s);
  return { progress: percentage(Math.min(1, share)), eta: isoOrNull(eta) };
}

/** After those in flight, the last of which ends at `last`, the rest comes in rounds of the usual length. */
function jobEta(
  job: JobState,
  { workers, paused }: { workers: number; paused: boolean },
  last: number,
  average_s: number | null,
): number | null {
  const { plots_to_do, max_workers } = job.definition;
  const left = plots_to_do - job.plots_done;
  if (left <= 0 || paused || workers === 0) return null;
  const later = left - workers;
  if (later <= 0) return last;
  if (average_s === null) return null;
  const atOnce = max_workers === 0 ? workers : max_workers;
  return last + Math.ceil(later / atOnce) * average_s * 1000;
}

const STATUS_OF_STEP = {
  pre: 'pre_process',
  replot_find: 'pre_process',
  replot_remove: 'pre_process',
  plotter: 'plotting',
  post: 'post_process',
  cleanup: 'cleanup',
} as const satisfies Record<WorkerState['step'], WorkerStatus>;

const FREE_SLOT: WorkerView = {
  worker: null,
  status: 'idle',
  paused: false,
  stage: null,
  stage_title: null,
  phase: null,
  phase_title: null,
  progress: null,
  pid: null,
  plot: null,
  plot_id: null,
  started_at: null,
  eta: null,
  error: null,
  stalled: false,
  waits: false,
  cause: null,
  run: null,
  temp_dir: null,
  dest_dir: null,
};

/** What `B/job/<job>/worker/<slot>` shows at a moment. */
export function workerView(state: State, job: JobState, slot: number, moment: Moment): WorkerView {
  const run = runIn(state, job.id, slot);
  const worker = run && newestOf(state, run.id);
  if (worker) return busySlot(state, run, worker, moment);
  const failed = job.failed_slots[slot];
  return failed ? { ...FREE_SLOT, status: 'failed', worker: failed.worker, error: failed.error } : FREE_SLOT;
}

function busySlot(state: State, run: RunState, worker: WorkerState, moment: Moment): WorkerView {
  const { share, eta } = progressNow(run, worker, moment);
  const phase = worker.plot === null ? phaseNow(state, worker) : null;
  const stage = worker.plot === null ? stageOf(state, worker) : null;
  return {
    worker: worker.id,
    status: statusOf(run, worker),
    paused: run.paused,
    stage: stage?.id ?? null,
    stage_title: stage?.title ?? null,
    phase: phase?.id ?? null,
    phase_title: phase?.title ?? null,
    progress: percentage(share),
    pid: (worker.step === 'post' ? worker.post : run.process)?.pid ?? null,
    plot: worker.plot ?? plotFile(state, worker),
    plot_id: worker.plot_id,
    started_at: isoOrNull(worker.started_at),
    eta: isoOrNull(eta),
    error: worker.error ?? stalledText(worker) ?? run.refused,
    stalled: worker.stalled_s !== null,
    waits: worker.waits,
    cause: worker.cause,
    run: run.id,
    temp_dir: tempDirsOf(worker)[0] ?? null,
    dest_dir: destinationOf(worker),
  };
}

/** What is wrong with a worker that is stalled; `null`: it isn't. */
function stalledText({ stalled_s }: WorkerState): string | null {
  return stalled_s === null ? null : `stalled: ${silenceInWords(stalled_s)}`;
}

/** A suspended plotter, or a worker that waits behind its pause, shows as paused. */
function statusOf(run: RunState, worker: WorkerState): WorkerStatus {
  if (run.suspended && (worker.held || worker.step === 'plotter')) return 'paused';
  return STATUS_OF_STEP[worker.step];
}

/** The slots that a job shows: up to its limit, without one those ever used, and those in use. */
export function slotsOf(state: State, job: JobState): number[] {
  const { max_workers } = job.definition;
  const always = max_workers === 0 ? job.highest_slot : max_workers;
  const used = runsOf(state, job.id)
    .map(({ slot }) => slot)
    .filter((slot) => slot > always);
  return [...Array.from({ length: always }, (_, index) => index + 1), ...used];
}

/** What `B/bridge/stats` shows on a local date. */
export function statsView(state: State, today: string): BridgeStats {
  return {
    workers: state.runs.size,
    plots_done: state.plots_done,
    plots_today: state.day.date === today ? state.day.plots : 0,
  };
}
