import { subjectOf } from '../event-subject.ts';
import type { JobState } from '../model/job-state.ts';
import { workersOf } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { reconsider } from '../starting/reconsider.ts';
import type { Transaction } from '../transaction.ts';
import { progressMoved, restProgress } from '../working/plotter-log.ts';
import { proceed } from '../working/steps.ts';
import { laterBy } from '../working/plotter-waits.ts';

/** Pauses or resumes a job: all its plotters, and what it would start. */
export function setJobPaused(transaction: Transaction, job: JobState, paused: boolean): void {
  if (job.paused === paused) return;
  transaction.patchJob(job, { paused });
  for (const worker of workersOf(transaction.state, job.id)) updateSuspension(transaction, worker, job);
  reconsider(transaction, job);
}

/** Pauses or resumes one worker by itself; it stays suspended while its job is. */
export function setWorkerPaused(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  paused: boolean,
): void {
  transaction.patchWorker(worker, { paused });
  updateSuspension(transaction, worker, job);
}

/** A worker is suspended while it or its job is paused (contract, section 3). */
function updateSuspension(transaction: Transaction, worker: WorkerState, job: JobState): void {
  const suspended = worker.paused || job.paused;
  // What is being stopped is not suspended: a suspended process would not obey.
  if (suspended === worker.suspended || worker.dismissed) return;
  if (suspended) suspend(transaction, worker);
  else resume(transaction, worker, job);
}

function suspend(transaction: Transaction, worker: WorkerState): void {
  transaction.patchWorker(worker, { suspended: true, suspended_at: transaction.steady });
  transaction.tell('worker_paused', subjectOf(worker), {});
  if (worker.step !== 'plotter') return;
  restProgress(transaction, worker);
  if (worker.process !== null) transaction.ask({ type: 'suspend', worker: worker.id });
}

function resume(transaction: Transaction, worker: WorkerState, job: JobState): void {
  const away = Math.max(0, transaction.steady - (worker.suspended_at ?? transaction.steady));
  transaction.patchWorker(worker, {
    suspended: false,
    suspended_at: null,
    // The time it stood still is no time it worked.
    ...laterBy(worker, away),
    waiting: worker.waiting && { ...worker.waiting, since: worker.waiting.since + away },
  });
  transaction.tell('worker_resumed', subjectOf(worker), {});
  if (worker.held) return proceed(transaction, worker);
  if (worker.step !== 'plotter' || worker.process === null) return;
  transaction.ask({ type: 'resume', worker: worker.id });
  progressMoved(transaction, worker, job);
}
