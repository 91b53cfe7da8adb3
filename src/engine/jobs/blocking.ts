import type { BlockedReason, UnblockedReason } from '../../contract/events.ts';
import type { JobState } from '../model/state.ts';
import type { Turn } from '../transaction.ts';

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
export function lookAgainLater(turn: Turn, job: JobState): void {
  turn.ask({ type: 'wake', key: `recheck:${job.id}`, at: turn.now + LOOK_AGAIN_MS });
}

/** Holds the job: starts on their way become pending, and the world is looked at again in a while. */
export function block(turn: Turn, job: JobState, reason: BlockedReason, message: string): void {
  const looked = LIFTED_BY_LOOKING.has(reason);
  if (job.blocked === 'failing' && looked) {
    turn.patchJob(job, { wanted: 0, pending: 0, last_error: message });
    return;
  }
  const pending = looked && job.definition.enabled ? job.pending + job.wanted : 0;
  const news = job.blocked !== reason;
  turn.patchJob(job, { blocked: reason, pending, wanted: 0, last_error: message });
  if (news) turn.tell('job_blocked', { job: job.id }, { reason });
  if (looked) lookAgainLater(turn, job);
  else turn.ask({ type: 'wake', key: `recheck:${job.id}`, at: null });
}

/** The job may start workers again; what was pending starts with the look at the disks that follows. */
export function unblock(turn: Turn, job: JobState, reason: UnblockedReason): void {
  if (job.blocked === 'none') return;
  turn.patchJob(job, { blocked: 'none' });
  turn.tell('job_unblocked', { job: job.id }, { reason });
  turn.ask({ type: 'wake', key: `recheck:${job.id}`, at: null });
}
