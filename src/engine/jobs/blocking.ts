import type { BlockedReason, UnblockedReason } from '../../contract/events.ts';
import type { JobState } from '../model/job-state.ts';
import { settle } from '../starting/queue.ts';
import type { Transaction } from '../transaction.ts';

/** Blocks that a later look at the world may lift; `failing` is lifted by people only. */
const LIFTED_BY_LOOKING: ReadonlySet<BlockedReason> = new Set([
  'missing_argument',
  'missing_directory',
  'dest_full',
  'temp_full',
]);
const LOOK_AGAIN_MS = 30_000;

/** Whether looking again can help against what blocks the job. */
export function isLiftedByLooking(job: JobState): boolean {
  return LIFTED_BY_LOOKING.has(job.blocked);
}

/** Whether a disk that is too full blocks the job. */
export function isFull(job: JobState): boolean {
  return job.blocked === 'dest_full' || job.blocked === 'temp_full';
}

/** Asks for another look at what blocks the job, in a while. */
export function lookAgainLater(transaction: Transaction, job: JobState): void {
  transaction.ask({
    type: 'wake',
    timer: { kind: 'recheck', job: job.id },
    at: transaction.now + LOOK_AGAIN_MS,
  });
}

/** Holds the job: the queue keeps or cuts what waits, and the world is looked at again in a while. */
export function block(transaction: Transaction, job: JobState, reason: BlockedReason, message: string): void {
  const looked = LIFTED_BY_LOOKING.has(reason);
  if (job.blocked === 'failing' && looked) return transaction.patchJob(job, { last_error: message });
  const news = job.blocked !== reason;
  transaction.patchJob(job, { blocked: reason, blocked_text: message, last_error: message });
  settle(transaction, job);
  if (news) transaction.tell('job_blocked', { job: job.id }, { reason });
  if (looked) lookAgainLater(transaction, job);
  else transaction.ask({ type: 'wake', timer: { kind: 'recheck', job: job.id }, at: null });
}

/** The job may start workers again; what was pending starts with the look at the disks that follows. */
export function unblock(transaction: Transaction, job: JobState, reason: UnblockedReason): void {
  if (job.blocked === 'none') return;
  transaction.patchJob(job, { blocked: 'none', blocked_text: null });
  transaction.tell('job_unblocked', { job: job.id }, { reason });
  transaction.ask({ type: 'wake', timer: { kind: 'recheck', job: job.id }, at: null });
}
