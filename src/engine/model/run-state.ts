import * as z from 'zod';
import { argumentsSchema } from '../../contract/names.ts';
import { SURROUNDS } from '../../host/pid-namespace.ts';
import { causeSchema } from './cause.ts';
import { JOB_OWNERS } from './job-state.ts';
import { count, moment, texts } from './parts.ts';

/** What a run was started with; it keeps this whatever becomes of its job (contract, section 2). */
const runSpecSchema = z.object({
  arguments: argumentsSchema,
  command: z.string(),
  words: texts,
  /** The directories of its own, `<temp_dir>/plot2mqtt-<id>`. */
  temp_dirs: texts,
  pre_command: z.string().nullable(),
  /** Runs once for each plot. */
  post_command: z.string().nullable(),
  cpus: z.array(z.union([z.number(), z.string()])).nullable(),
  nice: z.number().nullable(),
  stop_grace_s: z.number(),
  save_logs: z.boolean(),
});
export type RunSpec = z.infer<typeof runSpecSchema>;

/**
 * One process of a plotter, with the pre-command before it: it has a slot of its job, and makes the plots of its
 * workers, one after the other. What befalls the process befalls the run: a pause, a dismissal, a signal that is
 * refused. It ends with its last worker.
 */
export const runSchema = z.object({
  /** The id of its first worker. */
  id: z.string(),
  job: z.string(),
  slot: count,
  plotter: z.string(),
  /** Key into the definitions in use. */
  definition: z.string(),
  spec: runSpecSchema,
  /** Why it was started; `null` for runs of version 1. */
  cause: causeSchema.nullable(),
  /** How many plots it is to make. */
  plots: count,
  /** How many of them its log has begun. */
  begun: count,
  /** It ends early, after this one of its plots, from 1 on; `null`: after the last. */
  ends_after: count.nullable(),
  /** All that it was still to make is in its place: its process is stopped. */
  is_over: z.boolean(),
  /** One of its plots has failed: however many do, that is one failure of the job (contract, section 12). */
  has_failed: z.boolean(),
  /** By the host's clock, milliseconds since 1970. */
  started_at: moment,
  /** Who had defined its job when it was started, and which of its directories arrived over MQTT. */
  origin: z.enum([...JOB_OWNERS, 'unknown']),
  over_mqtt: texts,
  /** Only temporary directories go that its own directory says it made; version 1 wrote nothing down. */
  owns_by_record: z.boolean(),
  /** What the name of a plot's file is followed by until that is whole. */
  partial: texts,
  /** The pre-command or plotter that is known to have started; `at` is on the steady clock. */
  process: z.object({ kind: z.enum(['pre', 'plotter']), pid: count, at: moment }).nullable(),
  /** Bytes of the plotter's log that are behind us. */
  log_offset: count,
  /** Paused by itself. */
  paused: z.boolean(),
  /** It or its job is paused, since when on the steady clock. */
  suspended: z.boolean(),
  suspended_at: moment.nullable(),
  dismissed: z.boolean(),
  /** The daemon was away while its plotter ran. */
  interrupted: z.boolean(),
  /** Which of its processes couldn't be suspended or stopped, in words. */
  refused: z.string().nullable(),
  /** Why the daemon stops its process, which fails its workers. */
  stopped_for: z.string().nullable(),
  /** What its process ended with: that is no failure of the job. */
  ended_with: z.enum(SURROUNDS).nullable(),
});
export type RunState = z.infer<typeof runSchema>;
