import { progressMoved, restProgress } from '../working/plotter-log.ts';
import { releasePending } from '../starting/starts.ts';
import { type JobState, type WorkerState, workersOf } from '../model/state.ts';
import { proceed } from '../working/steps.ts';
import { subjectOf, type Turn } from '../transaction.ts';
import { laterBy } from '../working/plotter-waits.ts';

/** Pauses or resumes a job: all its plotters, and what it would start. */
export function setJobPaused(turn: Turn, job: JobState, paused: boolean): void {
  if (job.paused === paused) return;
  turn.patchJob(job, { paused, ...(paused ? { pending: job.pending + job.wanted, wanted: 0 } : {}) });
  for (const worker of workersOf(turn.state, job.id)) updateSuspension(turn, worker, job);
  if (!paused) releasePending(turn, job);
}

/** Pauses or resumes one worker by itself; it stays suspended while its job is. */
export function setWorkerPaused(turn: Turn, worker: WorkerState, job: JobState, paused: boolean): void {
  turn.patchWorker(worker, { paused });
  updateSuspension(turn, worker, job);
}

/** A worker is suspended while it or its job is paused (contract, section 3). */
function updateSuspension(turn: Turn, worker: WorkerState, job: JobState): void {
  const suspended = worker.paused || job.paused;
  // What is being stopped is not suspended: a suspended process would not obey.
  if (suspended === worker.suspended || worker.dismissed) return;
  if (suspended) suspend(turn, worker);
  else resume(turn, worker, job);
}

function suspend(turn: Turn, worker: WorkerState): void {
  turn.patchWorker(worker, { suspended: true, suspended_at: turn.steady });
  turn.tell('worker_paused', subjectOf(worker), {});
  if (worker.step !== 'plotter') return;
  restProgress(turn, worker);
  if (worker.process !== null) turn.ask({ type: 'suspend', worker: worker.id });
}

function resume(turn: Turn, worker: WorkerState, job: JobState): void {
  const away = Math.max(0, turn.steady - (worker.suspended_at ?? turn.steady));
  turn.patchWorker(worker, {
    suspended: false,
    suspended_at: null,
    // The time it stood still is no time it worked.
    ...laterBy(worker, away),
    waiting: worker.waiting && { ...worker.waiting, since: worker.waiting.since + away },
  });
  turn.tell('worker_resumed', subjectOf(worker), {});
  if (worker.held) return proceed(turn, worker);
  if (worker.step !== 'plotter' || worker.process === null) return;
  turn.ask({ type: 'resume', worker: worker.id });
  progressMoved(turn, worker, job);
}
