import { historyKey } from '../../storage/history.ts';
import { block } from '../jobs/blocking.ts';
import { withKey, withoutKey, withoutValue } from '../model/collections.ts';
import { fireBound, fireJobEnd } from '../jobs/named-events.ts';
import { definitionOf, planOf } from './stages.ts';
import { probe } from '../starting/probing.ts';
import { askForOldPlots, leaveCredit, passOnCredit } from '../moving/replotting.ts';
import { type HistoryLine, type JobState, type WorkerState, workerCount } from '../model/state.ts';
import { subjectOf, type Turn } from '../transaction.ts';

/** Plots of the same kind remembered at most, so that the state doesn't grow for ever. */
const MAX_PACES = 500;

/**
 * A worker's end: its plot is counted, its slot is free, its history is written (contract, section 3). `leftover` is
 * what could not be cleaned up: told, but no failure of the job.
 */
export function endWorker(turn: Turn, worker: WorkerState, job: JobState, leftover: string | null): void {
  const about = { ...worker };
  const error = worker.failed ?? worker.error ?? worker.refused ?? leftover;
  const reached = worker.plot === null ? false : countPlot(turn, worker, job);
  if (!worker.dismissed) countFailure(turn, worker, job);
  leaveCredit(turn, worker, job);
  turn.change(['history', worker.id, historyLine(turn, worker, error)]);
  removeWorker(turn, worker, job);
  forgetProduced(turn);
  if (about.dismissed) {
    turn.tell('worker_dismissed', subjectOf(about), { plot: about.plot });
  } else {
    const result = about.plot === null ? 'failed' : 'done';
    turn.tell('worker_end', subjectOf(about), { result, plot: about.plot, error });
  }
  if (reached) turn.tell('job_end', subjectOf(about), { plots_done: job.plots_done });
  blockIfFailing(turn, job, about);
  fireBound(turn, job, about, { on: 'worker_end' });
  if (reached) fireJobEnd(turn, job, about);
  turn.ask({ type: 'history' });
  answerEnding(turn, about);
  askForOldPlots(turn, job.id);
  lookAtOthers(turn);
  removeIfLeaving(turn, job);
}

function countPlot(turn: Turn, worker: WorkerState, job: JobState): boolean {
  const { state, now } = turn;
  const date = turn.surroundings.dateOf(now);
  const today = state.day.date === date ? state.day.plots : 0;
  const plots_done = job.plots_done + 1;
  turn.change(['meta', { plots_done: state.plots_done + 1, day: { date, plots: today + 1 } }]);
  turn.patchJob(job, {
    plots_done,
    last_plot: worker.plot,
    last_plot_at: now,
    last_plot_duration_s: worker.plot_duration_s,
    timed_plots: job.timed_plots + 1,
    timed_s: job.timed_s + (worker.plot_duration_s ?? 0),
  });
  learnPace(turn, worker);
  turn.flush();
  return job.definition.plots_to_do > 0 && plots_done === job.definition.plots_to_do;
}

/** This machine's own times, half the last plot's, half what was known before. */
function learnPace(turn: Turn, worker: WorkerState): void {
  const known = turn.state.paces.get(worker.spec.pace_key);
  const stages: Record<string, number> = {};
  const total = worker.leaf_ms.reduce((sum, ms) => sum + ms, 0) / 1000;
  for (const [index, leaf] of planOf(definitionOf(turn.state, worker)).leaves.entries()) {
    // Which stage took how long while the daemon was away isn't known, only what all of them took.
    const share = worker.interrupted ? worker.spec.weights[index] : undefined;
    const seconds = share === undefined ? (worker.leaf_ms[index] ?? 0) / 1000 : share * total;
    const before = known?.stages[leaf.id];
    stages[leaf.id] = before === undefined ? seconds : (before + seconds) / 2;
  }
  turn.change(['pace', worker.spec.pace_key, { stages, at: turn.now }]);
  if (turn.state.paces.size <= MAX_PACES) return;
  const oldest = [...turn.state.paces].reduce((a, b) => (b[1].at < a[1].at ? b : a));
  turn.change(['pace', oldest[0], null]);
}

function countFailure(turn: Turn, worker: WorkerState, job: JobState): void {
  // What ends with its host or container says nothing of the job.
  const failures = job.failures + (worker.ended_with === null ? 1 : 0);
  if (worker.failed !== null) {
    const failed_slots = { ...job.failed_slots, [worker.slot]: { worker: worker.id, error: worker.failed } };
    turn.patchJob(job, { failures, last_error: worker.failed, failed_slots });
  } else if (worker.error !== null) {
    turn.patchJob(job, { failures, last_error: worker.error });
  } else {
    turn.patchJob(job, { failures: 0, last_error: worker.replot_refused });
  }
}

/** Too many failures in a row: the job starts nothing more until somebody looks after it. */
function blockIfFailing(turn: Turn, job: JobState, worker: WorkerState): void {
  const { max_failures } = job.definition;
  const failed = !worker.dismissed && (worker.failed !== null || worker.error !== null);
  if (!failed || worker.ended_with !== null || max_failures === 0 || job.failures < max_failures) return;
  block(turn, job, 'failing', worker.failed ?? worker.error ?? '');
}

function historyLine(turn: Turn, worker: WorkerState, error: string | null): HistoryLine {
  return {
    worker: worker.id,
    job: worker.job,
    slot: worker.slot,
    plotter: worker.plotter,
    result: worker.dismissed ? 'dismissed' : worker.plot === null ? 'failed' : 'done',
    plot: worker.plot,
    started_at: new Date(worker.started_at).toISOString(),
    ended_at: new Date(turn.now).toISOString(),
    duration_s: Math.max(0, Math.round(turn.steady - (worker.began_at ?? worker.started_at))) / 1000,
    error,
    // Its plot is no older than what was there before it, whatever the clock says now.
    ...(turn.now < turn.memory.latest ? { not_before: new Date(turn.memory.latest).toISOString() } : {}),
  };
}

/** The job's counts begin anew: this too is history, or what is left of it would tell more plots than there are. */
export function writeReset(turn: Turn, job: JobState): void {
  const at = new Date(turn.now).toISOString();
  const line: HistoryLine = {
    worker: null,
    job: job.id,
    slot: null,
    plotter: null,
    result: 'reset',
    plot: null,
    started_at: at,
    ended_at: at,
    duration_s: 0,
    error: null,
  };
  turn.change(['history', historyKey(line), line]);
  turn.ask({ type: 'history' });
}

function removeWorker(turn: Turn, worker: WorkerState, job: JobState): void {
  turn.touch(worker);
  turn.forgetMoved(worker);
  turn.change(['worker', worker.id, null]);
  turn.patchJob(job, {});
  const used = [...turn.state.workers.values()].some((other) => other.definition === worker.definition);
  if (!used) turn.change(['definition', worker.definition, null]);
  turn.ask({ type: 'wake', key: `progress:${worker.id}`, at: null });
}

/** At most so many are kept, whatever a plotter that runs for days outlasts. */
const MAX_PRODUCED = 1000;

/** Plots made before any plotter began that runs now can't be taken for theirs. */
function forgetProduced(turn: Turn): void {
  const { produced, workers } = turn.state;
  const since = Math.min(...[...workers.values()].map(({ plotter_seq }) => plotter_seq ?? turn.state.seq));
  const excess = produced.size - MAX_PRODUCED;
  for (const [index, [file, { seq }]] of [...produced].entries())
    if (seq < since || index < excess) turn.change(['produced', file, null]);
}

/** Dismissals that waited for this worker's end are answered when all their workers have ended. */
function answerEnding(turn: Turn, worker: WorkerState): void {
  const { memory } = turn;
  for (const [ticket, workers] of memory.dismissals) {
    const left = withoutValue(workers, worker.id);
    if (left.size > 0) {
      memory.dismissals = withKey(memory.dismissals, ticket, left);
      continue;
    }
    memory.dismissals = withoutKey(memory.dismissals, ticket);
    turn.succeed(ticket);
  }
}

/** A worker's end may have made room for any job that waits for it. */
function lookAtOthers(turn: Turn): void {
  for (const job of turn.state.jobs.values())
    if (job.blocked === 'dest_full' || job.blocked === 'temp_full') probe(turn, job);
}

/** A job that was taken away goes with its last worker; who asked for it is told. */
export function removeIfLeaving(turn: Turn, job: JobState): void {
  if (!job.leaving || workerCount(turn.state, job.id) > 0) return;
  if (job.plots_done > 0) writeReset(turn, job);
  passOnCredit(turn, job);
  turn.change(['job', job.id, null]);
  turn.touchJob(job.id);
  turn.ask({ type: 'wake', key: `recheck:${job.id}`, at: null });
  turn.tell('job_deleted', { job: job.id }, {});
  for (const ticket of turn.memory.deletions.get(job.id) ?? []) turn.succeed(ticket, null);
  turn.memory.deletions = withoutKey(turn.memory.deletions, job.id);
}
