import type * as z from 'zod';
import { type JobState, jobStateSchema } from './job-state.ts';
import { moment } from './parts.ts';

/** What a job that left config.yaml finds again when it comes back (contract, section 2). */
const COUNTERS = {
  plots_done: true,
  plots_failed: true,
  recent_plots: true,
  failures: true,
  last_error: true,
  last_plot: true,
  last_plot_at: true,
  last_plot_duration_s: true,
  timed_plots: true,
  timed_s: true,
  last_plot_kwh: true,
  last_plot_cost: true,
  metered_plots: true,
  metered_kwh: true,
  priced_plots: true,
  priced_cost: true,
} as const;

/** A job that is in config.yaml no more. */
export const leftJobSchema = jobStateSchema.pick(COUNTERS).extend({
  /** When it went, milliseconds on the steady clock. */
  left_at: moment,
});
export type LeftJob = z.infer<typeof leftJobSchema>;
export type JobCounters = Omit<LeftJob, 'left_at'>;

/** Its counters are kept so long. */
export const KEPT_MS = 30 * 86_400_000;

/** What of a job is kept. */
export function countersOf(job: JobState): JobCounters {
  const { plots_done, plots_failed, recent_plots, failures, last_error } = job;
  const { last_plot, last_plot_at, last_plot_duration_s, timed_plots, timed_s } = job;
  const { last_plot_kwh, last_plot_cost, metered_plots, metered_kwh, priced_plots, priced_cost } = job;
  return {
    ...{ plots_done, plots_failed, recent_plots, failures, last_error },
    ...{ last_plot, last_plot_at, last_plot_duration_s, timed_plots, timed_s },
    ...{ last_plot_kwh, last_plot_cost, metered_plots, metered_kwh, priced_plots, priced_cost },
  };
}
