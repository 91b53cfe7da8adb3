import type { Cause } from '../../contract/causes.ts';
import type { GateName } from '../../contract/gates.ts';
import type { StartFacts } from '../inputs.ts';
import { block, isFull, unblock } from '../jobs/blocking.ts';
import type { ManualStart } from '../memory.ts';
import type { JobState } from '../model/job-state.ts';
import { runCount } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { tellDryRun } from '../moving/dry-run.ts';
import type { Transaction } from '../transaction.ts';
import { waitingStarts } from './ages.ts';
import { BEFORE_THE_LOOK, BY_HAND, firstClosed } from './gates/gates.ts';
import { goOnKeeping, keptRunning } from './keep-running.ts';
import { limitsOf, mayStart } from './limits.ts';
import { refuseAtGate } from './manual-starts.ts';
import { awaitsProof } from './probation.ts';
import { areOf, lookUp, probe, unusable } from './probing.ts';
import { leaveQueue, refuseByHand, settle, takeByHand, waitingByHand } from './queue.ts';
import type { ResolvedJob } from './resolve.ts';
import { noRoomMessage, roomFor } from './room.ts';
import { startWorker } from './start-worker.ts';

const MANUAL = { kind: 'manual', event: null, seq: null } as const satisfies Cause;
const KEPT = { kind: 'keep_running', event: null, seq: null } as const satisfies Cause;

/** A look at the disks, and what it was for. */
interface Look {
  transaction: Transaction;
  job: JobState;
  resolved: ResolvedJob;
  facts: StartFacts;
}

/** The disks were looked at: start what may start, by hand first, then the oldest, then what keeps running. */
export function startProbed(transaction: Transaction, job: JobState, facts: StartFacts): void {
  if (job.leaving) return;
  const resolved = lookUp(transaction, job);
  if (!resolved) return;
  if (!areOf(facts, resolved, job)) return probe(transaction, job);
  const away = unusable(job, facts);
  if (away) {
    refuseByHand(transaction, job, { ...away, path: away.argument });
    return block(transaction, job, 'missing_directory', away.message);
  }
  if (job.blocked === 'missing_directory') unblock(transaction, job, 'found');
  const look: Look = { transaction, job, resolved, facts };
  if (facts.used === null && !roomForAll(look)) return probe(transaction, job, true);
  for (const start of takeByHand(transaction, job)) startByHandNow(look, start);
  startWaiting(look);
}

/** Whether there is room even if workers in flight had taken nothing yet: measuring them is left for when not. */
function roomForAll({ transaction, job, resolved, facts }: Look): boolean {
  const byHand = waitingByHand(transaction, job).reduce((sum, start) => sum + start.workers, 0);
  const asked = waitingStarts(job) + byHand + keptRunning(transaction, job);
  const count = Math.max(1, mayStart(asked, limitsOf(job, runCount(transaction.state, job.id))));
  return roomFor(transaction, job, resolved, facts, count).verdict === 'ok';
}

/** A start by hand is answered with what it has started, or refused. */
function startByHandNow(look: Look, { ticket, workers }: ManualStart): void {
  const { transaction, job } = look;
  const { started, held } = startSome(look, { workers, byHand: true, coming: job.wanted }, () => MANUAL);
  if (started.length === 0 && held) {
    refuseAtGate(transaction, ticket, held);
    if (held.isFull) block(transaction, job, held.name, held.text);
    return;
  }
  unblock(transaction, job, 'started');
  transaction.succeed(ticket, { workers: started.map(({ slot, id }) => ({ slot, worker: id })) });
}

/** What named events want, then what keeps running; what limits don't allow any more is cut off. */
function startWaiting(look: Look): void {
  const { transaction, job } = look;
  const queued = startSome(look, { workers: waitingStarts(job), byHand: false, coming: 0 }, () =>
    leaveQueue(transaction, job),
  );
  settle(transaction, job);
  const kept = queued.held?.isFull ? queued : startSome(look, keptDemand(look), () => KEPT);
  if (kept.held?.isFull) block(transaction, job, kept.held.name, kept.held.text);
  else if (isFull(job)) liftIfRoom(look);
}

function keptDemand({ transaction, job }: Look): Demand {
  return { workers: keptRunning(transaction, job), byHand: false, coming: job.wanted };
}

/** Workers that somebody wants. */
interface Demand {
  workers: number;
  byHand: boolean;
  /** Starts of the job that come before these. */
  coming: number;
}

/** Why no more of them start. */
type Held =
  | { isFull: false; name: GateName; text: string }
  | { isFull: true; name: 'temp_full' | 'dest_full'; text: string };

/** Starts one worker after the other as far as gates and disks allow; `cause` says why the next of them does, and that it starts. */
function startSome(
  look: Look,
  { workers, byHand, coming }: Demand,
  cause: () => Cause | null,
): { started: WorkerState[]; held: Held | null } {
  const { transaction, job, resolved, facts } = look;
  const started: WorkerState[] = [];
  while (started.length < workers) {
    const closed = firstClosed(byHand ? BY_HAND : BEFORE_THE_LOOK, transaction, job, coming);
    if (closed) return { started, held: { ...closed, isFull: false } };
    // The next one waits for the old plots of those before it: see the gate `dest_full`.
    if (!byHand && awaitsProof(transaction, job)) return { started, held: null };
    const room = roomFor(transaction, job, resolved, facts);
    if (room.verdict !== 'ok') {
      const text = noRoomMessage(job, room.verdict, { facts, claims: room.claims });
      tellDryRun(transaction, job, { job: job.id }, room.wouldGo);
      return { started, held: { isFull: true, name: room.verdict, text } };
    }
    if (!byHand) unblock(transaction, job, 'room');
    goOnKeeping(transaction, job);
    started.push(startWorker(transaction, job, resolved, room, cause()));
  }
  return { started, held: null };
}

/** Nothing may start, but the job shows a full disk: see whether that is over. */
function liftIfRoom({ transaction, job, resolved, facts }: Look): void {
  const { verdict, claims, wouldGo } = roomFor(transaction, job, resolved, facts);
  if (verdict === 'ok') {
    unblock(transaction, job, 'room');
    settle(transaction, job);
    return;
  }
  tellDryRun(transaction, job, { job: job.id }, wouldGo);
  block(transaction, job, verdict, noRoomMessage(job, verdict, { facts, claims }));
}
