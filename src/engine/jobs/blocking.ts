import type { BlockedReason, UnblockedReason } from '../../contract/events.ts';
import type { JobState } from '../model/job-state.ts';
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

/** Asks for another look at what blocks the job, in a while. */
export function lookAgainLater(transaction: Transaction, job: JobState): void {
  transaction.ask({ type: 'wake', key: `recheck:${job.id}`, at: transaction.now + LOOK_AGAIN_MS });
}

/** Holds the job: starts on their way become pending, and the world is looked at again in a while. */
export function block(transaction: Transaction, job: JobState, reason: BlockedReason, message: string): void {
  const looked = LIFTED_BY_LOOKING.has(reason);
  if (job.blocked === 'failing' && looked) {
    transaction.patchJob(job, { wanted: 0, pending: 0, last_error: message });
    return;
  }
  const pending = looked && job.definition.enabled ? job.pending + job.wanted : 0;
  const news = job.blocked !== reason;
  transaction.patchJob(job, { blocked: reason, pending, wanted: 0, last_error: message });
  if (news) transaction.tell('job_blocked', { job: job.id }, { reason });
  if (looked) lookAgainLater(transaction, job);
  else transaction.ask({ type: 'wake', key: `recheck:${job.id}`, at: null });
}

/** The job may start workers again; what was pending starts with the look at the disks that follows. */
export function unblock(transaction: Transaction, job: JobState, reason: UnblockedReason): void {
  if (job.blocked === 'none') return;
  transaction.patchJob(job, { blocked: 'none' });
  transaction.tell('job_unblocked', { job: job.id }, { reason });
  transaction.ask({ type: 'wake', key: `recheck:${job.id}`, at: null });
}
