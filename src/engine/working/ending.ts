import { historyKey } from '../../storage/history.ts';
import { subjectOf } from '../event-subject.ts';
import { block } from '../jobs/blocking.ts';
import { fireBound, fireJobEnd } from '../jobs/named-events.ts';
import { withKey, withoutKey, withoutValue } from '../model/collections.ts';
import type { JobState } from '../model/job-state.ts';
import { type HistoryLine, workerCount } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { askForOldPlots } from '../moving/ask-for-old-plots.ts';
import { leaveCredit, passOnCredit } from '../moving/credit.ts';
import { countForKeeping } from '../starting/keep-running.ts';
import { reconsider } from '../starting/reconsider.ts';
import type { Transaction } from '../transaction.ts';
import { definitionOf, planOf } from './stages.ts';

/** Plots of the same kind remembered at most, so that the state doesn't grow for ever. */
const MAX_PACES = 500;

/**
 * A worker's end: its plot is counted, its slot is free, its history is written (contract, section 3). `leftover` is
 * what could not be cleaned up: told, but no failure of the job.
 */
export function endWorker(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  leftover: string | null,
): void {
  const about = { ...worker };
  const error = worker.failed ?? worker.error ?? worker.refused ?? leftover;
  const reached = worker.plot === null ? false : countPlot(transaction, worker, job);
  if (!worker.dismissed) countFailure(transaction, worker, job);
  leaveCredit(transaction, worker, job);
  transaction.change(['history', worker.id, historyLine(transaction, worker, error)]);
  removeWorker(transaction, worker, job);
  forgetProduced(transaction);
  if (about.dismissed) {
    transaction.tell('worker_dismissed', subjectOf(about), { plot: about.plot });
  } else {
    const result = about.plot === null ? 'failed' : 'done';
    transaction.tell('worker_end', subjectOf(about), { result, plot: about.plot, error });
  }
  if (reached) transaction.tell('job_end', subjectOf(about), { plots_done: job.plots_done });
  blockIfFailing(transaction, job, about);
  countForKeeping(transaction, job, about);
  fireBound(transaction, job, about, { on: 'worker_end' });
  if (reached) fireJobEnd(transaction, job, about);
  transaction.ask({ type: 'history' });
  answerEnding(transaction, about);
  askForOldPlots(transaction, job.id);
  reconsider(transaction, 'all');
  removeIfLeaving(transaction, job);
}

function countPlot(transaction: Transaction, worker: WorkerState, job: JobState): boolean {
  const { state, now } = transaction;
  const date = transaction.surroundings.dateOf(now);
  const today = state.day.date === date ? state.day.plots : 0;
  const plots_done = job.plots_done + 1;
  transaction.change(['meta', { plots_done: state.plots_done + 1, day: { date, plots: today + 1 } }]);
  transaction.patchJob(job, {
    plots_done,
    last_plot: worker.plot,
    last_plot_at: now,
    last_plot_duration_s: worker.plot_duration_s,
    timed_plots: job.timed_plots + 1,
    timed_s: job.timed_s + (worker.plot_duration_s ?? 0),
  });
  learnPace(transaction, worker);
  transaction.flush();
  return job.definition.plots_to_do > 0 && plots_done === job.definition.plots_to_do;
}

/** This machine's own times, half the last plot's, half what was known before. */
function learnPace(transaction: Transaction, worker: WorkerState): void {
  const known = transaction.state.paces.get(worker.spec.pace_key);
  const stages: Record<string, number> = {};
  const total = worker.leaf_ms.reduce((sum, ms) => sum + ms, 0) / 1000;
  for (const [index, leaf] of planOf(definitionOf(transaction.state, worker)).leaves.entries()) {
    // Which stage took how long while the daemon was away isn't known, only what all of them took.
    const share = worker.interrupted ? worker.spec.weights[index] : undefined;
    const seconds = share === undefined ? (worker.leaf_ms[index] ?? 0) / 1000 : share * total;
    const before = known?.stages[leaf.id];
    stages[leaf.id] = before === undefined ? seconds : (before + seconds) / 2;
  }
  transaction.change(['pace', worker.spec.pace_key, { stages, at: transaction.now }]);
  if (transaction.state.paces.size <= MAX_PACES) return;
  const oldest = [...transaction.state.paces].reduce((a, b) => (b[1].at < a[1].at ? b : a));
  transaction.change(['pace', oldest[0], null]);
}

function countFailure(transaction: Transaction, worker: WorkerState, job: JobState): void {
  // What ends with its host or container says nothing of the job.
  const failures = job.failures + (worker.ended_with === null ? 1 : 0);
  if (worker.failed !== null) {
    const failed_slots = { ...job.failed_slots, [worker.slot]: { worker: worker.id, error: worker.failed } };
    transaction.patchJob(job, { failures, last_error: worker.failed, failed_slots });
  } else if (worker.error !== null) {
    transaction.patchJob(job, { failures, last_error: worker.error });
  } else {
    transaction.patchJob(job, { failures: 0, last_error: worker.replot_refused });
  }
}

/** Too many failures in a row: the job starts nothing more until somebody looks after it. */
function blockIfFailing(transaction: Transaction, job: JobState, worker: WorkerState): void {
  const { max_failures } = job.definition;
  const failed = !worker.dismissed && (worker.failed !== null || worker.error !== null);
  if (!failed || worker.ended_with !== null || max_failures === 0 || job.failures < max_failures) return;
  block(transaction, job, 'failing', worker.failed ?? worker.error ?? '');
}

function historyLine(transaction: Transaction, worker: WorkerState, error: string | null): HistoryLine {
  return {
    worker: worker.id,
    job: worker.job,
    slot: worker.slot,
    plotter: worker.plotter,
    result: worker.dismissed ? 'dismissed' : worker.plot === null ? 'failed' : 'done',
    plot: worker.plot,
    started_at: new Date(worker.started_at).toISOString(),
    ended_at: new Date(transaction.now).toISOString(),
    duration_s: Math.max(0, Math.round(transaction.steady - (worker.began_at ?? worker.started_at))) / 1000,
    error,
    // Its plot is no older than what was there before it, whatever the clock says now.
    ...(transaction.now < transaction.memory.latest
      ? { not_before: new Date(transaction.memory.latest).toISOString() }
      : {}),
  };
}

/** The job's counts begin anew: this too is history, or what is left of it would tell more plots than there are. */
export function writeReset(transaction: Transaction, job: JobState): void {
  const at = new Date(transaction.now).toISOString();
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
  transaction.change(['history', historyKey(line), line]);
  transaction.ask({ type: 'history' });
}

function removeWorker(transaction: Transaction, worker: WorkerState, job: JobState): void {
  transaction.touch(worker);
  transaction.forgetMoved(worker);
  transaction.change(['worker', worker.id, null]);
  transaction.patchJob(job, {});
  const used = [...transaction.state.workers.values()].some(
    (other) => other.definition === worker.definition,
  );
  if (!used) transaction.change(['definition', worker.definition, null]);
  transaction.ask({ type: 'wake', timer: { kind: 'progress', worker: worker.id }, at: null });
}

/** At most so many are kept, whatever a plotter that runs for days outlasts. */
const MAX_PRODUCED = 1000;

/** Plots made before any plotter began that runs now can't be taken for theirs. */
function forgetProduced(transaction: Transaction): void {
  const { produced, workers } = transaction.state;
  const since = Math.min(
    ...[...workers.values()].map(({ plotter_seq }) => plotter_seq ?? transaction.state.seq),
  );
  const excess = produced.size - MAX_PRODUCED;
  for (const [index, [file, { seq }]] of [...produced].entries())
    if (seq < since || index < excess) transaction.change(['produced', file, null]);
}

/** Dismissals that waited for this worker's end are answered when all their workers have ended. */
function answerEnding(transaction: Transaction, worker: WorkerState): void {
  const { memory } = transaction;
  for (const [ticket, workers] of memory.dismissals) {
    const left = withoutValue(workers, worker.id);
    if (left.size > 0) {
      memory.dismissals = withKey(memory.dismissals, ticket, left);
      continue;
    }
    memory.dismissals = withoutKey(memory.dismissals, ticket);
    transaction.succeed(ticket);
  }
}

/** A job that was taken away goes with its last worker; who asked for it is told. */
export function removeIfLeaving(transaction: Transaction, job: JobState): void {
  if (!job.leaving || workerCount(transaction.state, job.id) > 0) return;
  if (job.plots_done > 0) writeReset(transaction, job);
  passOnCredit(transaction, job);
  transaction.change(['job', job.id, null]);
  transaction.touchJob(job.id);
  for (const kind of ['recheck', 'keep_running'] as const)
    transaction.ask({ type: 'wake', timer: { kind, job: job.id }, at: null });
  transaction.tell('job_deleted', { job: job.id }, {});
  for (const ticket of transaction.memory.deletions.get(job.id) ?? []) transaction.succeed(ticket, null);
  transaction.memory.deletions = withoutKey(transaction.memory.deletions, job.id);
}
