import type { JobState } from '../../model/job-state.ts';
import { plotsInHand, runCount, type State } from '../../model/state.ts';

/** What decides how many workers a job may start (contract, section 3). */
export interface LimitCase {
  /** 0: no limit. */
  max_workers: number;
  /** 0: no limit. */
  plots_to_do: number;
  plots_done: number;
  /** Runs there are, and those on their way. */
  running: number;
  /** Plots that they make and will still begin; where that isn't said, each makes one. */
  making?: number;
}

/** Workers more that `max_workers` allows; `Infinity` where it sets no limit. */
export function slotsLeft({ max_workers, running }: LimitCase): number {
  return max_workers === 0 ? Number.POSITIVE_INFINITY : Math.max(0, max_workers - running);
}

/** Workers more that `plots_to_do` allows; `Infinity` where it sets no limit. */
export function plotsLeft({ plots_to_do, plots_done, running, making = running }: LimitCase): number {
  return plots_to_do === 0 ? Number.POSITIVE_INFINITY : Math.max(0, plots_to_do - plots_done - making);
}

/** How many workers more the limits allow; `Infinity` where nothing limits them. */
export function allowance(limits: LimitCase): number {
  return Math.min(slotsLeft(limits), plotsLeft(limits));
}

/** Workers that may start now: min(wanted, max_workers − running, plots_to_do − plots_done − running). */
export function mayStart(wanted: number, limits: LimitCase): number {
  return Math.min(wanted, allowance(limits));
}

/** The limits of a job now, with so many starts that are on their way: each of these makes a plot at least. */
export function limitsOf(state: State, job: JobState, coming = 0): LimitCase {
  const { max_workers, plots_to_do } = job.definition;
  const running = runCount(state, job.id) + coming;
  const making = plotsInHand(state, job.id) + coming;
  return { max_workers, plots_to_do, plots_done: job.plots_done, running, making };
}
