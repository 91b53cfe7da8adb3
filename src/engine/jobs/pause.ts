import { subjectOf } from '../event-subject.ts';
import type { JobState } from '../model/job-state.ts';
import type { RunState } from '../model/run-state.ts';
import { runsOf, workersOf } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { seekOldPlots } from '../moving/ask-for-old-plots.ts';
import { holdsOfMovesChanged } from '../moving/moves.ts';
import { reconsider } from '../starting/reconsider.ts';
import type { Transaction } from '../transaction.ts';
import { endAfterPresentPlot } from '../working/finishing.ts';
import { progressMoved, restProgress } from '../working/plotter-log.ts';
import { resumeSilence, restSilence, watchSilence } from '../working/stalled.ts';
import { proceed } from '../working/steps.ts';
import { mayBeHeld } from '../working/suspending.ts';
import { laterBy } from '../working/plotter-waits.ts';
import { endRunsWhereHeld } from './end-runs-early.ts';
import { hasOwnPause, isPaused, withOwnPause } from './holds.ts';

/** Sets or releases a job's own pause; the job goes on when nothing else pauses it. */
export function setJobPaused(transaction: Transaction, job: JobState, paused: boolean): void {
  if (hasOwnPause(job) === paused) return;
  transaction.patchJob(job, { holds: withOwnPause(job.holds, paused, transaction.now) });
  holdsChanged(transaction, job);
}

/** What holds a job is another than before: its plotters, and what it would start. */
export function holdsChanged(transaction: Transaction, job: JobState): void {
  for (const run of runsOf(transaction.state, job.id)) updateSuspension(transaction, run, job);
  endRunsWhereHeld(transaction, job);
  reconsider(transaction, job);
}

/** The same for what the farm holds: each of its jobs may be held by it. */
export function farmHoldsChanged(transaction: Transaction): void {
  for (const job of transaction.state.jobs.values()) {
    for (const run of runsOf(transaction.state, job.id)) updateSuspension(transaction, run, job);
    endRunsWhereHeld(transaction, job);
    transaction.touchJob(job.id);
  }
  reconsider(transaction, 'all');
  holdsOfMovesChanged(transaction);
}

/** Pauses or resumes one run by itself; it stays suspended while its job is. */
export function setRunPaused(transaction: Transaction, run: RunState, job: JobState, paused: boolean): void {
  transaction.patchRun(run, { paused });
  updateSuspension(transaction, run, job);
}

/** A run is suspended while it or its job is paused (contract, section 3), if its plotter may be. */
function updateSuspension(transaction: Transaction, run: RunState, job: JobState): void {
  const { state } = transaction;
  const wanted = run.paused || isPaused(state, job);
  const suspended = wanted && (run.suspended || mayBeHeld(state, run));
  // One that goes on to the end of its plot begins no other.
  if (wanted && !suspended) endAfterPresentPlot(transaction, run);
  // What is being stopped is not suspended: a suspended process would not obey.
  if (suspended === run.suspended || run.dismissed || (suspended && run.is_over)) return;
  if (suspended) suspend(transaction, run);
  else resume(transaction, run, job);
}

function suspend(transaction: Transaction, run: RunState): void {
  transaction.patchRun(run, { suspended: true, suspended_at: transaction.steady });
  for (const worker of workersOf(transaction.state, run.id)) {
    transaction.tell('worker_paused', subjectOf(worker), {});
    if (worker.step !== 'plotter') continue;
    restProgress(transaction, worker);
    restSilence(transaction, worker);
  }
  if (run.process?.kind === 'plotter') transaction.ask({ type: 'suspend', run: run.id });
}

function resume(transaction: Transaction, run: RunState, job: JobState): void {
  const away = Math.max(0, transaction.steady - (run.suspended_at ?? transaction.steady));
  transaction.patchRun(run, { suspended: false, suspended_at: null });
  if (run.process?.kind === 'plotter') transaction.ask({ type: 'resume', run: run.id });
  for (const worker of workersOf(transaction.state, run.id)) goOn(transaction, worker, job, away);
  seekOldPlots(transaction, job.id);
}

function goOn(transaction: Transaction, worker: WorkerState, job: JobState, away: number): void {
  transaction.patchWorker(worker, {
    // The time it stood still is no time it worked.
    ...laterBy(worker, away),
    waiting: worker.waiting && { ...worker.waiting, since: worker.waiting.since + away },
  });
  transaction.tell('worker_resumed', subjectOf(worker), {});
  resumeSilence(transaction, worker);
  if (worker.held) return proceed(transaction, worker);
  if (worker.step !== 'plotter' || worker.plotter_started_at === null) return;
  progressMoved(transaction, worker, job);
  watchSilence(transaction, worker, job);
}
