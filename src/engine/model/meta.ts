import * as z from 'zod';
import { replotPaceSchema } from '../moving/pace.ts';
import { energySchema } from './energy.ts';
import { farmSchema } from './farm-state.ts';
import { count, moment, numbers, startedSchema } from './parts.ts';
import { tallySchema } from './tally.ts';

/** How the steady clock goes on after a restart of the daemon. */
const timescaleSchema = z.object({
  /** The run of the host, or of the container, in which it counts. */
  run: z.string(),
  /** Its time when that run began, milliseconds. */
  base: moment,
});
export type Timescale = z.infer<typeof timescaleSchema>;

/** A directory; whether it, or what the last wildcard stands for in it, was a mount of its own when it was seen. */
const matchedSchema = z.object({ path: z.string(), mount: z.boolean() });

/** The state's single values, but for the number of the last event, which the events themselves say. */
export const metaSchema = z.object({
  /** Random, made once; part of every unique id. */
  instance: z.string(),
  /** Events up to this one were acknowledged by a broker. */
  acked: count,
  /** Events given up because no broker took them in time. */
  dropped: count,
  /** Plots of all time. */
  plots_done: count,
  timescale: timescaleSchema.nullable(),
  /** Plots of one local day. */
  day: z.object({ date: z.string(), plots: count }),
  /** Plots of the last 24 hours, of all jobs; `null`: of a version that knew no such figures, they are to be counted. */
  recent_plots: tallySchema.nullable(),
  farm: farmSchema,
  /** Of all workers that there ever were. */
  energy: energySchema,
  /** By file system, as `replot_credit`: of jobs that are gone. */
  left_credit: z.record(z.string(), numbers),
  /** By job that is gone, when its last worker was started: limits over jobs count it all the same. */
  left_starts: z.record(z.string(), startedSchema),
  replot_pace: replotPaceSchema,
  /** By pattern of a `directory` argument, what it has matched since config.yaml was last read anew. */
  matched: z.record(z.string(), z.array(matchedSchema)),
  /** By plotter, how many of its workers have taken a number (`{sequence}`): it never falls. */
  sequences: z.record(z.string(), count),
  /** Length of history.jsonl when it was last written, in bytes: what is behind that, this state doesn't know of. */
  history_bytes: count.nullable(),
});
export type Meta = z.infer<typeof metaSchema>;
