import type { Cause } from '../../contract/causes.ts';
import type { StartFacts } from '../inputs.ts';
import { block, unblock } from '../jobs/blocking.ts';
import { isHeld } from '../jobs/holds.ts';
import type { JobState } from '../model/job-state.ts';
import { runCount } from '../model/state.ts';
import type { Transaction } from '../transaction.ts';
import { limitsOf, mayStart, takenBy } from './limits.ts';
import { startWaiting } from './manual-starts.ts';
import { refuseWaiting, waitingByHand } from './manual-starts-waiting.ts';
import { stillOwed, takeOwed, withOwed } from './owed-starts.ts';
import { isQueueing } from './probation.ts';
import { areOf, lookUp, probe, recheck, unusable } from './probing.ts';
import type { ResolvedJob } from './resolve.ts';
import { noRoomMessage, roomFor } from './room.ts';
import { startWorker } from './start-worker.ts';

/** A named event or the daemon wants workers: what the limits cut off is not kept (contract, section 3). */
export function requestStarts(transaction: Transaction, job: JobState, workers: number, cause: Cause): void {
  if (!job.definition.enabled || job.leaving || job.blocked === 'failing') return;
  const allowed = mayStart(workers, limitsOf(job, takenBy(transaction, job) + job.pending));
  if (allowed === 0) return;
  const asked = job.wanted + job.pending + allowed;
  const held = isHeld(transaction.state, job);
  const waits = held || job.blocked !== 'none' || isQueueing(transaction, job);
  const owed = withOwed(job, cause, allowed);
  transaction.patchJob(
    job,
    waits ? { pending: asked, wanted: 0, owed } : { wanted: asked, pending: 0, owed },
  );
  if (!held) probe(transaction, job);
}

/** A hold is over: what was held back starts now, as far as the limits then allow. */
export function releasePending(transaction: Transaction, job: JobState): void {
  if (isHeld(transaction.state, job) || job.pending === 0) return;
  if (job.blocked !== 'none') return recheck(transaction, job);
  const allowed = mayStart(job.pending, limitsOf(job, takenBy(transaction, job)));
  transaction.patchJob(job, { pending: 0, wanted: job.wanted + allowed });
  if (allowed > 0) probe(transaction, job);
}

/** Limits may have been lowered: no more stays pending than they allow. */
export function trimPending(transaction: Transaction, job: JobState): void {
  const allowed = job.definition.enabled
    ? mayStart(job.pending, limitsOf(job, takenBy(transaction, job)))
    : 0;
  transaction.patchJob(job, { pending: allowed, ...(job.definition.enabled ? {} : { wanted: 0 }) });
}

/** The disks were looked at: start what may start, by hand first. */
export function startProbed(transaction: Transaction, job: JobState, facts: StartFacts): void {
  if (job.leaving) return;
  const resolved = lookUp(transaction, job);
  if (!resolved) return;
  if (!areOf(facts, resolved, job)) return probe(transaction, job);
  const away = unusable(job, facts);
  if (away) {
    refuseWaiting(transaction, job, away.code, away.message, away.argument);
    return block(transaction, job, 'missing_directory', away.message);
  }
  if (job.blocked === 'missing_argument' || job.blocked === 'missing_directory')
    unblock(transaction, job, 'found');
  if (facts.used === null && !roomForAll(transaction, job, resolved, facts))
    return probe(transaction, job, true);
  startWaiting(transaction, job, resolved, facts);
  startWanted(transaction, job, resolved, facts);
}

/** Whether there is room even if workers in flight had taken nothing yet: measuring them is left for when not. */
function roomForAll(
  transaction: Transaction,
  job: JobState,
  resolved: ResolvedJob,
  facts: StartFacts,
): boolean {
  const asked = job.wanted + job.pending + waitingByHand(transaction, job);
  const count = Math.max(1, mayStart(asked, limitsOf(job, runCount(transaction.state, job.id))));
  return roomFor(transaction, job, resolved, facts, count).verdict === 'ok';
}

/** What named events want and what was held back; what limits don't allow any more is cut off. */
function startWanted(
  transaction: Transaction,
  job: JobState,
  resolved: ResolvedJob,
  facts: StartFacts,
): void {
  if (job.blocked === 'failing') return transaction.patchJob(job, { wanted: 0, pending: 0 });
  const held = isHeld(transaction.state, job);
  if (held) transaction.patchJob(job, { pending: job.pending + job.wanted, wanted: 0 });
  const wanted = held || !job.definition.enabled ? 0 : job.wanted + job.pending;
  const allowed = mayStart(wanted, limitsOf(job, runCount(transaction.state, job.id)));
  let owed = stillOwed(job);
  if (!held) transaction.patchJob(job, { wanted: 0, pending: 0 });
  for (let left = allowed; left > 0; left -= 1) {
    if (isQueueing(transaction, job)) return transaction.patchJob(job, { pending: left, owed });
    const room = roomFor(transaction, job, resolved, facts);
    if (room.verdict !== 'ok') {
      transaction.patchJob(job, { pending: left, owed });
      return block(
        transaction,
        job,
        room.verdict,
        noRoomMessage(job, room.verdict, { facts, claims: room.claims }),
      );
    }
    unblock(transaction, job, 'room');
    const { cause, rest } = takeOwed(owed);
    owed = rest;
    startWorker(transaction, job, resolved, room, cause);
  }
  if (!held && job.owed.length > 0) transaction.patchJob(job, { owed: [] });
  if (job.blocked !== 'none') liftIfRoom(transaction, job, resolved, facts);
}

/** Nothing may start, but the job shows a full disk: see whether that is over. */
function liftIfRoom(transaction: Transaction, job: JobState, resolved: ResolvedJob, facts: StartFacts): void {
  const { verdict, claims } = roomFor(transaction, job, resolved, facts);
  if (verdict === 'ok') unblock(transaction, job, 'room');
  else block(transaction, job, verdict, noRoomMessage(job, verdict, { facts, claims }));
}
