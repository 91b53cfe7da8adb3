import { block, unblock } from '../jobs/blocking.ts';
import type { StartFacts } from '../inputs.ts';
import { limitsOf, takenBy } from './job-limits.ts';
import { startWorker } from './start-worker.ts';
import { mayStart } from './limits.ts';
import { startWaiting } from './manual-starts.ts';
import { areOf, lookUp, probe, recheck, unusable } from './probing.ts';
import { isQueueing } from './probation.ts';
import type { ResolvedJob } from './resolve.ts';
import { noRoomMessage, roomFor } from './room-of.ts';
import { type JobState, workerCount } from '../model/state.ts';
import type { Turn } from '../transaction.ts';
import { refuseWaiting, waitingByHand } from './waiting.ts';

/** A named event or the daemon wants workers: what the limits cut off is not kept (contract, section 3). */
export function requestStarts(turn: Turn, job: JobState, workers: number): void {
  if (!job.definition.enabled || job.leaving || job.blocked === 'failing') return;
  const allowed = mayStart(workers, limitsOf(job, takenBy(turn, job) + job.pending));
  if (allowed === 0) return;
  const asked = job.wanted + job.pending + allowed;
  const waits = job.paused || job.blocked !== 'none' || isQueueing(turn, job);
  turn.patchJob(job, waits ? { pending: asked, wanted: 0 } : { wanted: asked, pending: 0 });
  if (!job.paused) probe(turn, job);
}

/** A pause is over: what was held back starts now, as far as the limits then allow. */
export function releasePending(turn: Turn, job: JobState): void {
  if (job.paused || job.pending === 0) return;
  if (job.blocked !== 'none') return recheck(turn, job);
  const allowed = mayStart(job.pending, limitsOf(job, takenBy(turn, job)));
  turn.patchJob(job, { pending: 0, wanted: job.wanted + allowed });
  if (allowed > 0) probe(turn, job);
}

/** Limits may have been lowered: no more stays pending than they allow. */
export function trimPending(turn: Turn, job: JobState): void {
  const allowed = job.definition.enabled ? mayStart(job.pending, limitsOf(job, takenBy(turn, job))) : 0;
  turn.patchJob(job, { pending: allowed, ...(job.definition.enabled ? {} : { wanted: 0 }) });
}

/** The disks were looked at: start what may start, by hand first. */
export function startProbed(turn: Turn, job: JobState, facts: StartFacts): void {
  if (job.leaving) return;
  const resolved = lookUp(turn, job);
  if (!resolved) return;
  if (!areOf(facts, resolved, job)) return probe(turn, job);
  const away = unusable(job, facts);
  if (away) {
    refuseWaiting(turn, job, away.code, away.message, away.argument);
    return block(turn, job, 'missing_directory', away.message);
  }
  if (job.blocked === 'missing_argument' || job.blocked === 'missing_directory') unblock(turn, job, 'found');
  if (facts.used === null && !roomForAll(turn, job, resolved, facts)) return probe(turn, job, true);
  startWaiting(turn, job, resolved, facts);
  startWanted(turn, job, resolved, facts);
}

/** Whether there is room even if workers in flight had taken nothing yet: measuring them is left for when not. */
function roomForAll(turn: Turn, job: JobState, resolved: ResolvedJob, facts: StartFacts): boolean {
  const asked = job.wanted + job.pending + waitingByHand(turn, job);
  const count = Math.max(1, mayStart(asked, limitsOf(job, workerCount(turn.state, job.id))));
  return roomFor(turn, job, resolved, facts, count).verdict === 'ok';
}

/** What named events want and what was held back; what limits don't allow any more is cut off. */
function startWanted(turn: Turn, job: JobState, resolved: ResolvedJob, facts: StartFacts): void {
  if (job.blocked === 'failing') return turn.patchJob(job, { wanted: 0, pending: 0 });
  if (job.paused) turn.patchJob(job, { pending: job.pending + job.wanted, wanted: 0 });
  const wanted = job.paused || !job.definition.enabled ? 0 : job.wanted + job.pending;
  const allowed = mayStart(wanted, limitsOf(job, workerCount(turn.state, job.id)));
  if (!job.paused) turn.patchJob(job, { wanted: 0, pending: 0 });
  for (let left = allowed; left > 0; left -= 1) {
    if (isQueueing(turn, job)) return turn.patchJob(job, { pending: left });
    const room = roomFor(turn, job, resolved, facts);
    if (room.verdict !== 'ok') {
      turn.patchJob(job, { pending: left });
      return block(turn, job, room.verdict, noRoomMessage(job, room.verdict, { facts, claims: room.claims }));
    }
    unblock(turn, job, 'room');
    startWorker(turn, job, resolved, room);
  }
  if (job.blocked !== 'none') liftIfRoom(turn, job, resolved, facts);
}

/** Nothing may start, but the job shows a full disk: see whether that is over. */
function liftIfRoom(turn: Turn, job: JobState, resolved: ResolvedJob, facts: StartFacts): void {
  const { verdict, claims } = roomFor(turn, job, resolved, facts);
  if (verdict === 'ok') unblock(turn, job, 'room');
  else block(turn, job, verdict, noRoomMessage(job, verdict, { facts, claims }));
}
