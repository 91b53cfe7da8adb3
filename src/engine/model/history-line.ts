import * as z from 'zod';
import { causeSchema } from './cause.ts';
import { energyKeys } from './energy.ts';
import { count } from './parts.ts';

/**
 * A line of history.jsonl (contract, section 7): a worker that has ended, its plot that was moved (`moved`: `plot` is
 * where it is now), or a job whose counts begin anew (`reset`, without a worker).
 */
export const historyLineSchema = z.object({
  worker: z.string().nullable(),
  /** The run that made the plot, and why it was started. */
  run: z.string().nullable(),
  cause: causeSchema.nullable(),
  job: z.string(),
  slot: count.nullable(),
  plotter: z.string().nullable(),
  result: z.enum(['done', 'failed', 'dismissed', 'reset', 'moved']),
  plot: z.string().nullable(),
  /** Bytes of the plot. */
  size: z.number().nullable(),
  temp_dir: z.string().nullable(),
  dest_dir: z.string().nullable(),
  started_at: z.string(),
  ended_at: z.string(),
  duration_s: z.number(),
  /** Seconds that each phase took, those that it went through. */
  phases: z.record(z.string(), z.number()),
  ...energyKeys,
  error: z.string().nullable(),
  /** The clock had been set back: this is how late it was before. */
  not_before: z.string().exactOptional(),
});
export type HistoryLine = z.infer<typeof historyLineSchema>;
