import * as z from 'zod';
import type { JobDefinition } from '../../config/schema/job.ts';
import type { SettableField } from '../../contract/commands.ts';
import { BLOCKED_REASONS } from '../../contract/events.ts';
import { causeSchema } from './cause.ts';
import { holdsSchema } from './hold.ts';
import { count, moment, numbers, texts, startedSchema } from './parts.ts';
import { storedJobSchema } from './stored-definitions.ts';
import { tallySchema } from './tally.ts';

/** Who defines a job: config.yaml, or commands over MQTT. */
export const JOB_OWNERS = ['file', 'mqtt'] as const;
export type JobOwner = (typeof JOB_OWNERS)[number];

/** Settings of config.yaml that commands may override until the file changes them (contract, section 2). */
export type FileSettings = Pick<JobDefinition, SettableField>;

const fileSettingsSchema: z.ZodType<FileSettings> = z.object({
  enabled: z.boolean(),
  emit_events: z.boolean(),
  max_workers: count,
  plots_to_do: count,
});

/** What stays on a free slot of its last worker, if that one failed. */
const failedSlotSchema = z.object({ worker: z.string(), error: z.string() });

/** Starts that were asked for together and wait. */
const askedSchema = z.object({
  /** Number of the last event before they were asked for. */
  since: count,
  workers: count,
  cause: causeSchema.nullable(),
});
export type StartsAsked = z.infer<typeof askedSchema>;

/** How `keep_running` stands. */
const keepingSchema = z.object({
  /** All workers of the job were dismissed: none follows until another start, `enabled` ON, a reset or a restart. */
  stopped: z.boolean(),
  /** How long was waited after the last failure, in seconds; 0: no failure since the last plot. */
  wait_s: z.number(),
  /** Until when it waits now, by the host's clock when the wait began, and on the steady clock; `null`: it doesn't. */
  due: moment.nullable(),
  due_steady: moment.nullable(),
});
export type Keeping = z.infer<typeof keepingSchema>;

/** A job as it stands. All times are by the host's clock, milliseconds since 1970. */
export const jobStateSchema = z.object({
  id: z.string(),
  owner: z.enum(JOB_OWNERS),
  /** Effective definition: settings made by commands are in it. */
  definition: storedJobSchema,
  /** What config.yaml said when it was last read; `null` for jobs made over MQTT. */
  file: fileSettingsSchema.nullable(),
  /** The definition made over MQTT that a job of config.yaml with the same id hides. */
  hidden: storedJobSchema.nullable(),
  /** By name, what holds this job alone: its own pause is one of them. */
  holds: holdsSchema,
  plots_done: count,
  /** Workers that failed, since the last reset. */
  plots_failed: count,
  /** Plots of the last 24 hours. */
  recent_plots: tallySchema,
  /** Consecutive failures. */
  failures: count,
  blocked: z.enum(BLOCKED_REASONS),
  /** Why, in a sentence. */
  blocked_text: z.string().nullable(),
  /** Starts that a gate holds back. */
  pending: count,
  /** Starts that are on their way: asked for, within the limits, waiting for the look at the disks. */
  wanted: count,
  /** Since when those that are pending or wanted wait, and why, the oldest first; what isn't among them is older. */
  asked: z.array(askedSchema),
  keeping: keepingSchema,
  /** When its last worker was started; `null`: none was, or nobody knows. */
  last_start: startedSchema.nullable(),
  /** Workers whose logs are still to be kept; `null`: as `save_logs` says, without a count. */
  logs_left: count.nullable(),
  last_error: z.string().nullable(),
  last_plot: z.string().nullable(),
  last_plot_at: moment.nullable(),
  last_plot_duration_s: z.number().nullable(),
  /** For the average: how many plots were timed, and their seconds in all. */
  timed_plots: count,
  timed_s: z.number(),
  /** Of its last plot, and for the averages: of how many plots it is known, and the sum; kilowatt hours, and money. */
  last_plot_kwh: z.number().nullable(),
  last_plot_cost: z.number().nullable(),
  metered_plots: count,
  metered_kwh: z.number(),
  priced_plots: count,
  priced_cost: z.number(),
  /** The highest slot that was ever used. */
  highest_slot: count,
  failed_slots: z.record(z.string(), failedSlotSchema),
  /** By file system, the bytes of each old plot that was removed for a plot that never came. */
  replot_credit: z.record(z.string(), numbers),
  /** Files of which a dry run of replotting has told that they would go. */
  replot_told: texts,
  /** Starts no more workers and goes when its last one has ended. */
  leaving: z.boolean(),
});
export type JobState = z.infer<typeof jobStateSchema>;
