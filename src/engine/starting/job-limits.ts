import type { LimitCase } from './limits.ts';
import { type JobState, workerCount } from '../model/state.ts';
import type { Transaction } from '../transaction.ts';

/** Workers that a job has or is about to have. */
export function takenBy(transaction: Transaction, job: JobState): number {
  return workerCount(transaction.state, job.id) + job.wanted;
}

/** The limits of a job, for so many workers running. */
export function limitsOf(job: JobState, running: number): LimitCase {
  const { max_workers, plots_to_do } = job.definition;
  return { max_workers, plots_to_do, plots_done: job.plots_done, running };
}
