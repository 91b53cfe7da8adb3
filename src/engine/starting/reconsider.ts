import type { Cause } from '../../contract/causes.ts';
import { isLiftedByLooking, lookAgainLater } from '../jobs/blocking.ts';
import type { JobState } from '../model/job-state.ts';
import type { Transaction } from '../transaction.ts';
import { isHeldByDisks } from './disk-rules.ts';
import { keptRunning } from './keep-running.ts';
import { probe } from './probing.ts';
import { waitsSince } from './ages.ts';
import { addStarts, settle, waitingByHand } from './queue.ts';

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
  const jobs = which === 'all' ? inTurn([...transaction.state.jobs.values()]) : [which];
  for (const job of jobs) {
    if (which === 'all') settle(transaction, job);
    else passingOn(transaction, job, () => settle(transaction, job));
    if (!job.leaving && wantsALook(transaction, job)) probe(transaction, job);
  }
}

/**
 * Does what may have starts of a job wait that were on their way. Those of younger ones had left them their places of
 * the farm: they are looked at again then.
 */
export function passingOn(transaction: Transaction, job: JobState, work: () => void): void {
  const taken = () => job.wanted + transaction.state.runs.size;
  const before = taken();
  work();
  if (taken() < before) reconsider(transaction, 'all');
}

/** Something may have ended what blocks a job; if not, it is looked at again in a while. */
export function recheck(transaction: Transaction, job: JobState): void {
  if (isLiftedByLooking(job) || isHeldByDisks(job)) lookAgainLater(transaction, job);
  reconsider(transaction, job);
}

/** A place for which several wait goes to the one that waits longest, then to those that keep running. */
function inTurn(jobs: readonly JobState[]): JobState[] {
  const waiting = jobs.flatMap((job) => {
    const since = waitsSince(job);
    return since === null ? [] : [{ job, since }];
  });
  waiting.sort((one, other) => one.since - other.since);
  return [...waiting.map(({ job }) => job), ...jobs.filter((job) => waitsSince(job) === null)];
}

function wantsALook(transaction: Transaction, job: JobState): boolean {
  return (
    job.wanted > 0 ||
    isLiftedByLooking(job) ||
    isHeldByDisks(job) ||
    waitingByHand(transaction, job).length > 0 ||
    keptRunning(transaction, job) > 0
  );
}
