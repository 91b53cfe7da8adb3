import { basename } from 'node:path';
import { subjectOf } from '../event-subject.ts';
import { block } from '../jobs/blocking.ts';
import { hasCounted, keepCounters } from '../jobs/left-jobs.ts';
import { fireAtEnd } from '../jobs/named-events.ts';
import { withKey, withoutKey, withoutValue } from '../model/collections.ts';
import type { JobState } from '../model/job-state.ts';
import type { RunState } from '../model/run-state.ts';
import { isDismissed, newestOf, runCount, runOf, workersOf } from '../model/state.ts';
import { LAST_DAY, withMore } from '../model/tally.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { seekOldPlots } from '../moving/ask-for-old-plots.ts';
import { lookThroughAll } from '../moving/moves.ts';
import { leaveCredit, passOnCredit } from '../moving/credit.ts';
import { countForKeeping } from '../starting/keep-running.ts';
import { keepLastStart } from '../starting/limits/left-starts.ts';
import { reconsider } from '../starting/reconsider.ts';
import { forgetSeen } from '../starting/places/seen-directories.ts';
import type { Transaction } from '../transaction.ts';
import { plotMetered, writeEnergy } from './energy.ts';
import { historyLine, writeReset } from './history-lines.ts';
import { rememberMade } from './made-plots.ts';
import { learnPace } from './learn-pace.ts';
import { noteBrought } from './new-files.ts';
import { noteWritten } from './written-bytes.ts';

/**
 * A worker's end: its plot is counted and its history written; with the last of a run its slot is free (contract,
 * section 3). `leftover` is what could not be cleaned up: told, but no failure of the job. `moved`: the plot is where it
 * was made no more.
 */
export function endWorker(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  { leftover, moved }: { leftover: string | null; moved: boolean },
): void {
  writeEnergy(transaction, worker.id);
  const about = { ...worker };
  const run = runOf(transaction.state, worker);
  const error = worker.failed ?? worker.error ?? run.refused ?? leftover;
  const reached = worker.plot === null ? false : countPlot(transaction, worker, job);
  if (!moved) noteWritten(transaction, worker, worker.plot, worker.plot_size);
  const dismissed = isDismissed(transaction.state, worker);
  if (!dismissed) countFailure(transaction, run, worker, job);
  leaveCredit(transaction, worker, job);
  transaction.change(['history', worker.id, historyLine(transaction, run, worker, error)]);
  rememberMade(transaction, worker);
  // Its post-command may have brought the plot anywhere.
  if (worker.plot !== null && run.spec.post_command !== null)
    noteBrought(transaction, basename(worker.plot), worker.id);
  removeWorker(transaction, worker, job);
  if (workersOf(transaction.state, run.id).length === 0) endRun(transaction, run);
  forgetProduced(transaction);
  lookThroughAll(transaction);
  if (dismissed) {
    transaction.tell('worker_dismissed', subjectOf(about), { plot: about.plot });
  } else {
    const result = about.plot === null ? 'failed' : 'done';
    transaction.tell('worker_end', subjectOf(about), { result, plot: about.plot, error });
  }
  if (reached) transaction.tell('job_end', subjectOf(about), { plots_done: job.plots_done });
  if (!dismissed) blockIfFailing(transaction, job, run, about);
  countForKeeping(transaction, job, dismissed || run.ended_with !== null, about);
  if (!dismissed) fireAtEnd(transaction, job, about, { on: 'worker_end' });
  // It also comes when a dismissed worker's plot was the last one.
  if (reached) fireAtEnd(transaction, job, about, { on: 'job_end' });
  transaction.ask({ type: 'history' });
  seekOldPlots(transaction, job.id);
  reconsider(transaction, 'all');
  removeIfLeaving(transaction, job);
}

function countPlot(transaction: Transaction, worker: WorkerState, job: JobState): boolean {
  const { state, now, steady } = transaction;
  const date = transaction.surroundings.dateOf(now);
  const today = state.day.date === date ? state.day.plots : 0;
  const plots_done = job.plots_done + 1;
  transaction.change([
    'meta',
    {
      plots_done: state.plots_done + 1,
      day: { date, plots: today + 1 },
      recent_plots: withMore(state.recent_plots ?? [], steady, 1, LAST_DAY),
    },
  ]);
  transaction.patchJob(job, {
    plots_done,
    recent_plots: withMore(job.recent_plots, steady, 1, LAST_DAY),
    last_plot: worker.plot,
    last_plot_at: now,
    last_plot_duration_s: worker.plot_duration_s,
    timed_plots: job.timed_plots + 1,
    timed_s: job.timed_s + (worker.plot_duration_s ?? 0),
    ...plotMetered(job, worker),
  });
  learnPace(transaction, worker);
  transaction.flush();
  return job.definition.plots_to_do > 0 && plots_done === job.definition.plots_to_do;
}

function countFailure(transaction: Transaction, run: RunState, worker: WorkerState, job: JobState): void {
  // What ends with its host or container says nothing of the job.
  const counts = run.ended_with === null && !(worker.failed !== null && run.has_failed);
  const failures = job.failures + (counts ? 1 : 0);
  if (worker.failed !== null) transaction.patchRun(run, { has_failed: true });
  if (worker.plot === null) transaction.patchJob(job, { plots_failed: job.plots_failed + 1 });
  if (worker.failed !== null) {
    const own = { [worker.slot]: { worker: worker.id, error: worker.failed } };
    // Beside a later plot of its run the slot shows that one.
    const isShown = newestOf(transaction.state, run.id) === worker;
    const failed_slots = { ...job.failed_slots, ...(isShown ? own : {}) };
    transaction.patchJob(job, { failures, last_error: worker.failed, failed_slots });
  } else if (worker.error !== null) {
    transaction.patchJob(job, { failures, last_error: worker.error });
  } else {
    transaction.patchJob(job, { failures: 0, last_error: worker.replot_refused });
  }
}

/** Too many failures in a row: the job starts nothing more until somebody looks after it. */
function blockIfFailing(transaction: Transaction, job: JobState, run: RunState, worker: WorkerState): void {
  const { max_failures } = job.definition;
  const failed = worker.failed !== null || worker.error !== null;
  if (!failed || run.ended_with !== null || max_failures === 0 || job.failures < max_failures) return;
  block(transaction, job, 'failing', worker.failed ?? worker.error ?? '');
}

function removeWorker(transaction: Transaction, worker: WorkerState, job: JobState): void {
  transaction.touch(worker);
  transaction.forgetMoved(worker);
  transaction.change(['worker', worker.id, null]);
  transaction.patchJob(job, {});
  for (const kind of ['progress', 'silence'] as const)
    transaction.ask({ type: 'wake', timer: { kind, worker: worker.id }, at: null });
}

/** The last worker of a run has ended: its slot is free, and who waits for its end is answered. */
function endRun(transaction: Transaction, run: RunState): void {
  transaction.forgetMovedRun(run);
  transaction.change(['run', run.id, null]);
  const used = [...transaction.state.runs.values()].some(({ definition }) => definition === run.definition);
  if (!used) transaction.change(['definition', run.definition, null]);
  answerEnding(transaction, run.id);
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

/** Dismissals that waited for the end of this run or transfer are answered when all have ended for which they wait. */
export function answerEnding(transaction: Transaction, id: string): void {
  const { memory } = transaction;
  for (const [ticket, runs] of memory.dismissals) {
    const left = withoutValue(runs, id);
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
  if (!job.leaving || runCount(transaction.state, job.id) > 0) return;
  if (job.owner === 'file') keepCounters(transaction, job);
  else if (hasCounted(job)) writeReset(transaction, job);
  passOnCredit(transaction, job);
  keepLastStart(transaction, job);
  transaction.change(['job', job.id, null]);
  transaction.touchJob(job.id);
  forgetSeen(transaction, job);
  transaction.memory.waits_for_disk = withoutValue(transaction.memory.waits_for_disk, job.id);
  for (const kind of ['recheck', 'keep_running', 'other_disk'] as const)
    transaction.ask({ type: 'wake', timer: { kind, job: job.id }, at: null });
  transaction.tell('job_deleted', { job: job.id }, {});
  for (const ticket of transaction.memory.deletions.get(job.id) ?? []) transaction.succeed(ticket, null);
  transaction.memory.deletions = withoutKey(transaction.memory.deletions, job.id);
}
