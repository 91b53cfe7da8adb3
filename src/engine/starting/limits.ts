import type { JobState } from '../model/job-state.ts';

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

/** Workers more that `max_workers` allows; `Infinity` where it sets no limit. */
export function slotsLeft({ max_workers, running }: LimitCase): number {
  return max_workers === 0 ? Number.POSITIVE_INFINITY : Math.max(0, max_workers - running);
}

/** Workers more that `plots_to_do` allows; `Infinity` where it sets no limit. */
export function plotsLeft({ plots_to_do, plots_done, running }: LimitCase): number {
  return plots_to_do === 0 ? Number.POSITIVE_INFINITY : Math.max(0, plots_to_do - plots_done - running);
}

/** How many workers more the limits allow; `Infinity` where nothing limits them. */
export function allowance(limits: LimitCase): number {
  return Math.min(slotsLeft(limits), plotsLeft(limits));
}

/** Workers that may start now: min(wanted, max_workers − running, plots_to_do − plots_done − running). */
export function mayStart(wanted: number, limits: LimitCase): number {
  return Math.min(wanted, allowance(limits));
}

/** The limits of a job, for so many workers running. */
export function limitsOf(job: JobState, running: number): LimitCase {
  const { max_workers, plots_to_do } = job.definition;
  return { max_workers, plots_to_do, plots_done: job.plots_done, running };
}
