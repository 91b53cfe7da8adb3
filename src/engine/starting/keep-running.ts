import type { JobState, Keeping } from '../model/job-state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import type { World } from './gates/gate.ts';
import { BEFORE_THE_LOOK, BOUNDING, roomThrough } from './gates/gates.ts';
import { awaitsProof } from './probation.ts';

/** After a failure it waits so long, doubled each time, up to the longest (contract, section 8). */
const FIRST_WAIT_S = 30;
const LONGEST_WAIT_S = 30 * 60;

/** A job of which nothing was dismissed and no worker has failed. */
export const KEEPS_ON: Keeping = { stopped: false, wait_s: 0, due: null, due_steady: null };

/**
 * How many workers `keep_running` of a job would start now, as far as that can be said without a look at the disks.
 * Without any limit it would be without end: then none.
 */
export function keptRunning(world: World, job: JobState): number {
  const { stopped, due } = job.keeping;
  if (!world.memory.up || !job.definition.keep_running || job.leaving) return 0;
  if (stopped || due !== null || awaitsProof(world, job)) return 0;
  if (!Number.isFinite(roomThrough(BOUNDING, world, job, job.wanted))) return 0;
  return Math.max(0, roomThrough(BEFORE_THE_LOOK, world, job, job.wanted));
}

/** All workers of the job are dismissed: none follows until somebody wants one. */
export function stopKeeping(transaction: Transaction, job: JobState): void {
  if (job.definition.keep_running) keep(transaction, job, { ...job.keeping, stopped: true });
}

/** A worker has started, or the daemon: the job keeps running again; a wait after a failure goes on. */
export function goOnKeeping(transaction: Transaction, job: JobState): void {
  if (job.keeping.stopped) keep(transaction, job, { ...job.keeping, stopped: false });
}

/** The job is enabled again or begins anew: neither a dismissal nor a failure counts any more. */
export function keepAnew(transaction: Transaction, job: JobState): void {
  cancel(transaction, job);
  keep(transaction, job, KEEPS_ON);
}

/**
 * A worker has ended: a failure is waited after, a plot ends all waiting. `saysNothing`: it was dismissed, or ended with
 * its host, which says nothing of the job.
 */
export function countForKeeping(
  transaction: Transaction,
  job: JobState,
  saysNothing: boolean,
  worker: WorkerState,
): void {
  if (worker.plot !== null) {
    cancel(transaction, job);
    return keep(transaction, job, { ...KEEPS_ON, stopped: job.keeping.stopped });
  }
  if (saysNothing || !job.definition.keep_running) return;
  // Those that ran when the first of them failed fail together.
  if (hasCounted(job.keeping, worker)) return;
  const wait_s = Math.min(LONGEST_WAIT_S, Math.max(FIRST_WAIT_S, job.keeping.wait_s * 2));
  const due = transaction.now + wait_s * 1000;
  keep(transaction, job, { ...job.keeping, wait_s, due, due_steady: transaction.steady + wait_s * 1000 });
  wakeAt(transaction, job, due);
}

/** Whether a worker had begun before the failure after which its job waits now. */
function hasCounted({ due_steady, wait_s }: Keeping, { began_at }: WorkerState): boolean {
  return due_steady !== null && (began_at ?? 0) <= due_steady - wait_s * 1000;
}

/** The wait after a failure is over; who wakes us says so. */
export function keepDue(transaction: Transaction, job: JobState): void {
  keep(transaction, job, { ...job.keeping, due: null, due_steady: null });
}

/** After a restart: a wait goes on, by the steady clock where that does (`goesOn`), else by the host's. */
export function resumeKeeping(transaction: Transaction, job: JobState, goesOn: boolean): void {
  const { due, due_steady } = job.keeping;
  goOnKeeping(transaction, job);
  if (due === null) return;
  const kept = goesOn ? due_steady : null;
  const steady = kept ?? transaction.steady + due - transaction.now;
  keep(transaction, job, { ...job.keeping, due_steady: steady });
  wakeAt(transaction, job, transaction.clockAt(steady));
}

function cancel(transaction: Transaction, job: JobState): void {
  if (job.keeping.due !== null) wakeAt(transaction, job, null);
}

function wakeAt(transaction: Transaction, job: JobState, at: number | null): void {
  transaction.ask({ type: 'wake', timer: { kind: 'keep_running', job: job.id }, at });
}

function keep(transaction: Transaction, job: JobState, keeping: Keeping): void {
  const before = job.keeping;
  const same =
    before.stopped === keeping.stopped &&
    before.wait_s === keeping.wait_s &&
    before.due === keeping.due &&
    before.due_steady === keeping.due_steady;
  if (!same) transaction.patchJob(job, { keeping });
}
