import type { Cause } from '../../contract/causes.ts';
import type { GateName } from '../../contract/gates.ts';
import type { DiskFacts } from '../inputs.ts';
import { block, isFull, unblock } from '../jobs/blocking.ts';
import type { ManualStart } from '../memory.ts';
import type { JobState } from '../model/job-state.ts';
import type { Placed, WorkerState } from '../model/worker-state.ts';
import { tellDryRun } from '../moving/dry-run.ts';
import type { Transaction } from '../transaction.ts';
import { waitingStarts } from './ages.ts';
import { BEFORE_THE_LOOK, BY_HAND, firstClosed } from './gates/gates.ts';
import { goOnKeeping, keptRunning } from './keep-running.ts';
import { limitsOf, mayStart } from './limits/limits.ts';
import { refuseAtGate } from './manual-starts.ts';
import { type Look, place } from './places/placing.ts';
import { awaitsProof } from './probation.ts';
import { areOf, lookUp, probe, unusable } from './places/probing.ts';
import { leaveQueue, refuseByHand, settle, takeByHand, waitingByHand } from './queue.ts';
import { directoriesFull, directoriesSeen } from './places/seen-directories.ts';
import { startWorker } from './start-worker.ts';
import { nextTurn, type Turn, turnOf } from './turn.ts';

const MANUAL = { kind: 'manual', event: null, seq: null } as const satisfies Cause;
const KEPT = { kind: 'keep_running', event: null, seq: null } as const satisfies Cause;

/** The disks were looked at: start what may start, by hand first, then the oldest, then what keeps running. */
export function startProbed(transaction: Transaction, job: JobState, facts: DiskFacts): void {
  if (job.leaving) return;
  const resolved = lookUp(transaction, job);
  if (!resolved) return;
  if (!areOf(facts, resolved, job)) return probe(transaction, job);
  directoriesSeen(transaction, job, facts);
  const away = unusable(job, resolved, facts);
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

/** So many starts are placed ahead, to see whether measuring can be spared; more are never at once but in theory. */
const MAX_AHEAD = 100;

/** Whether there is room even if workers in flight had taken nothing yet: measuring them is left for when not. */
function roomForAll(look: Look): boolean {
  const { transaction, job } = look;
  const byHand = waitingByHand(transaction, job).reduce((sum, start) => sum + start.workers, 0);
  const asked = waitingStarts(job) + byHand + keptRunning(transaction, job);
  const count = Math.max(1, mayStart(asked, limitsOf(transaction.state, job)));
  if (count > MAX_AHEAD) return false;
  const taken: Placed[][] = [];
  for (let placed = 0; placed < count; placed += 1) {
    const placing = place(look, { turn: nextTurn(transaction, job, placed), taken });
    // What a rule of disks holds back is no matter of room.
    if (placing.verdict !== 'ok') return placing.verdict === 'disk';
    taken.push(placing.room.claims);
  }
  return true;
}

/** A start by hand is answered with what it has started, or refused. */
function startByHandNow(look: Look, start: ManualStart): void {
  const { transaction, job } = look;
  const { ticket, workers } = start;
  const turn = turnOf(transaction, job.id, start);
  const demand = { workers, byHand: true, coming: job.wanted, turn };
  const { started, held } = startSome(look, demand, () => MANUAL);
  if (started.length === 0 && held) {
    refuseAtGate(transaction, ticket, held);
    if (held.isFull) block(transaction, job, held.name, held.text);
    if (held.name === 'disk') holdByDisks(transaction, job);
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
  const nowhere = queued.held?.isFull || queued.held?.name === 'disk';
  const { held } = nowhere ? queued : startSome(look, keptDemand(look), () => KEPT);
  if (held?.isFull) block(transaction, job, held.name, held.text);
  else if (held?.name === 'disk') holdByDisks(transaction, job);
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
  /** Of those by hand; the others have that of their job's oldest. */
  turn?: Turn;
}

/** Why no more of them start. */
type Held =
  | { isFull: false; name: GateName; text: string }
  | { isFull: true; name: 'temp_full' | 'dest_full'; text: string };

/** Starts one worker after the other as far as gates and disks allow; `cause` says why the next of them does, and that it starts. */
function startSome(
  look: Look,
  { workers, byHand, coming, turn }: Demand,
  cause: () => Cause | null,
): { started: WorkerState[]; held: Held | null } {
  const { transaction, job } = look;
  const started: WorkerState[] = [];
  while (started.length < workers) {
    const closed = firstClosed(byHand ? BY_HAND : BEFORE_THE_LOOK, transaction, job, coming, turn);
    if (closed) return { started, held: { ...closed, isFull: false } };
    // The next one waits for the old plots of those before it: see the gate `dest_full`.
    if (!byHand && awaitsProof(transaction, job)) return { started, held: null };
    const placing = place(look, { turn: turn ?? nextTurn(transaction, job, coming), taken: [] });
    if (placing.verdict === 'disk') {
      directoriesFull(transaction, job, placing.full);
      return { started, held: { isFull: false, name: 'disk', text: placing.text } };
    }
    if (placing.verdict !== 'ok') {
      tellDryRun(transaction, job, { job: job.id }, placing.wouldGo);
      return { started, held: { isFull: true, name: placing.verdict, text: placing.text } };
    }
    if (!byHand) unblock(transaction, job, 'room');
    goOnKeeping(transaction, job);
    // What is chosen is written down with the start: the next one, of whatever job, finds its room taken.
    started.push(startWorker(transaction, job, placing.resolved, placing.room, cause()));
  }
  return { started, held: null };
}

/** Nothing may start, but the job shows a full disk: see whether that is over. */
function liftIfRoom(look: Look): void {
  const { transaction, job } = look;
  const placing = place(look, { turn: nextTurn(transaction, job, 0), taken: [] });
  if (placing.verdict === 'temp_full' || placing.verdict === 'dest_full') {
    tellDryRun(transaction, job, { job: job.id }, placing.wouldGo);
    return block(transaction, job, placing.verdict, placing.text);
  }
  if (placing.verdict === 'disk') directoriesFull(transaction, job, placing.full);
  unblock(transaction, job, 'room');
  settle(transaction, job);
}

/** A rule of disks keeps back what waits: that is no block, and another look follows in a while. */
function holdByDisks(transaction: Transaction, job: JobState): void {
  if (isFull(job)) unblock(transaction, job, 'room');
  settle(transaction, job);
}
