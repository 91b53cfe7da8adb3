import type { JobState } from '../model/job-state.ts';
import { runCount } from '../model/state.ts';
import type { Transaction } from '../transaction.ts';

/** What decides how many workers a job may start (contract, section 3). */
export interface LimitCase {
  /** 0: no limit. */
  max_workers: number;
  /** 0: no limit. */
  plots_to_do: number;
  plots_done: number;
  /** Workers there are, and those on their way. */
  running: number;
}

/** How many workers more the limits allow; `Infinity` where nothing limits them. */
export function allowance(limits: LimitCase): number {
  const slots = limits.max_workers === 0 ? Number.POSITIVE_INFINITY : limits.max_workers - limits.running;
  const plots =
    limits.plots_to_do === 0
      ? Number.POSITIVE_INFINITY
      : limits.plots_to_do - limits.plots_done - limits.running;
  return Math.max(0, Math.min(slots, plots));
}

/** Workers that may start now: min(wanted, max_workers − running, plots_to_do − plots_done − running). */
export function mayStart(wanted: number, limits: LimitCase): number {
  return Math.min(wanted, allowance(limits));
}

/** Workers that a job has or is about to have. */
export function takenBy(transaction: Transaction, job: JobState): number {
  return runCount(transaction.state, job.id) + job.wanted;
}

/** The limits of a job, for so many workers running. */
export function limitsOf(job: JobState, running: number): LimitCase {
  const { max_workers, plots_to_do } = job.definition;
  return { max_workers, plots_to_do, plots_done: job.plots_done, running };
}
