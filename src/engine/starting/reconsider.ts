import type { Cause } from '../../contract/causes.ts';
import { isLiftedByLooking, lookAgainLater } from '../jobs/blocking.ts';
import type { JobState } from '../model/job-state.ts';
import type { Transaction } from '../transaction.ts';
import { waitsSince } from './ages.ts';
import type { World } from './gates/gate.ts';
import { keptRunning } from './keep-running.ts';
import { probe } from './places/probing.ts';
import { addStarts, settle, waitingByHand } from './queue.ts';
import { knowsFullDirectories } from './places/seen-directories.ts';
import { compareTurns, KEPT, type Turn, turnOf } from './turn.ts';

/** A named event or the daemon wants workers of a job. */
export function requestStarts(transaction: Transaction, job: JobState, workers: number, cause: Cause): void {
  if (job.leaving) return;
  addStarts(transaction, job, workers, cause);
  reconsider(transaction, job);
}

/**
 * Something may have opened a gate, or closed one: what may start of a job, or of any, is looked at again. Whatever
 * changes what a gate looks at calls this.
 */
export function reconsider(transaction: Transaction, which: JobState | 'all'): void {
  const jobs = which === 'all' ? inTurn(transaction) : [which];
  for (const job of jobs) {
    settle(transaction, job);
    if (!job.leaving && wantsALook(transaction, job)) probe(transaction, job);
  }
}

/** Something may have ended what blocks a job; if not, it is looked at again in a while. */
export function recheck(transaction: Transaction, job: JobState): void {
  if (isLiftedByLooking(job)) lookAgainLater(transaction, job);
  reconsider(transaction, job);
}

/** A place for which several wait goes to the one that waits longest, then to those that keep running. */
function inTurn(world: World): JobState[] {
  const turns: { job: JobState; turn: Turn }[] = [];
  const others: JobState[] = [];
  for (const job of world.state.jobs.values()) {
    const since = waitsSince(job) ?? (job.definition.keep_running ? KEPT : null);
    if (since === null) others.push(job);
    else turns.push({ job, turn: turnOf(world, job.id, { since }) });
  }
  turns.sort((one, other) => compareTurns(one.turn, other.turn));
  return [...turns.map(({ job }) => job), ...others];
}

function wantsALook(transaction: Transaction, job: JobState): boolean {
  return (
    job.wanted > 0 ||
    isLiftedByLooking(job) ||
    (waitsSince(job) !== null && knowsFullDirectories(transaction, job)) ||
    waitingByHand(transaction, job).length > 0 ||
    keptRunning(transaction, job) > 0
  );
}
