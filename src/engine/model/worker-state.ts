import * as z from 'zod';
import { storedReplotSchema } from '../../config/schema/replot.ts';
import { causeSchema } from './cause.ts';
import { energyKeys } from './energy.ts';
import { count, moment, numbers } from './parts.ts';

/** What a worker does now. Each step's work can be asked for again after a crash. */
export const WORKER_STEPS = ['pre', 'replot_find', 'replot_remove', 'plotter', 'post', 'cleanup'] as const;
export type WorkerStep = (typeof WORKER_STEPS)[number];

/** What is done for the second and later plots of a run while its plotter works on them. */
const STEPS_BESIDE = ['replot_find', 'replot_remove'] as const;

/** A directory that a worker got, and the room that its plot will take there. */
const placedSchema = z.object({
  role: z.enum(['temp', 'destination']),
  path: z.string(),
  /** What tells file systems apart while the host runs; empty where it isn't known. */
  filesystem: z.string(),
  bytes: z.number(),
});
export type Placed = z.infer<typeof placedSchema>;

/** How long its plot's stages should take. */
const expectedPaceSchema = z.object({
  /** Under which the time of its stages is remembered: plotter, size and temporary directory. */
  key: z.string(),
  /** Share of the whole time of each innermost stage; sums to 1. */
  weights: numbers,
  /** Seconds that such a plot took here before; `null` where none was made. */
  expected_s: z.number().nullable(),
});
export type ExpectedPace = z.infer<typeof expectedPaceSchema>;

/** An old plot that goes, and what it is told apart by; version 1 knew but its size. */
export const chosenPlotSchema = z.object({
  file: z.string(),
  size: z.number(),
  filesystem: z.string().exactOptional(),
  ino: z.string().exactOptional(),
  mtime_ms: z.number().exactOptional(),
});
export type ChosenPlot = z.infer<typeof chosenPlotSchema>;

/** What was removed for a plot, by its worker or move or by one before it whose plot never came: bytes of each plot. */
export const replotRoomSchema = z.object({ filesystem: z.string(), sizes: numbers });
export type ReplotRoom = z.infer<typeof replotRoomSchema>;

/** A time in which a plotter waits and tries again by itself. */
const waitingSchema = z.object({
  /** Milliseconds on the steady clock. */
  since: moment,
  /** The directory into which it can't write. */
  directory: z.string().nullable(),
  /** `worker_waiting` was told. */
  told: z.boolean(),
});

/**
 * One plot in the making, by a run. All times but that of its start are milliseconds on the steady clock (see
 * `Surroundings`), so that durations are right whatever the host's clock is set to.
 */
export const workerSchema = z.object({
  id: z.string(),
  run: z.string(),
  /** Which of the run's plots it makes, from 1 on. */
  nth: count,
  job: z.string(),
  slot: count,
  step: z.enum(WORKER_STEPS),
  /** The step is done, a pause holds back the next one. */
  held: z.boolean(),
  /** Beside the plotter, which has begun the plot already: the old plots that go for it. */
  beside: z.enum(STEPS_BESIDE).nullable(),
  /** Its plot is given up without being a failure, since its run ends early; where the whole run is, that says so. */
  dismissed: z.boolean(),
  /** Of a run of several plots: its part of the log is kept. */
  save_log: z.boolean(),
  /** Why it was started; `null` for workers of version 1. */
  cause: causeSchema.nullable(),
  /** The temporary directories, the main one first, and the destination. */
  placement: z.array(placedSchema),
  /** By the host's clock, milliseconds since 1970. */
  started_at: moment,
  /** The same on the steady clock; `null` for workers of versions that had none. */
  began_at: moment.nullable(),
  /** Its post-command that is known to have started, and why the daemon stops it. */
  post: z.object({ pid: count, at: moment, stopped_for: z.string().nullable() }).nullable(),
  /** Since when its run's plotter works on its plot. */
  plotter_started_at: moment.nullable(),
  /** Number of the last event before that. */
  plotter_seq: count.nullable(),
  pace: expectedPaceSchema,
  /** As `plotter_started_at`, later by the time it was suspended: from here its pace is measured. */
  pace_from: moment,
  /** Which old plots may go for its own; `null`: none goes. */
  replot_rule: storedReplotSchema.nullable(),
  /** Those that are chosen and were not removed yet, in their order. */
  replot: z.array(chosenPlotSchema),
  replot_room: replotRoomSchema.nullable(),
  /** Why its job's rule of replotting does not count for it. */
  replot_refused: z.string().nullable(),
  /** Index of the innermost stage, -1 before the first. */
  leaf: z.int(),
  /** How far the log says that stage is, 0 to 1, and when it said so. */
  fraction: z.number(),
  moved_at: moment,
  /** Share of the plot that was shown when the log last moved it: progress never falls below. */
  floor: z.number(),
  leaf_at: moment,
  phase_at: moment,
  /** Milliseconds that each innermost stage took. */
  leaf_ms: numbers,
  /** Largest whole percentage so far, the one last published, and when. */
  percent: z.number(),
  told_percent: z.number(),
  told_at: moment,
  plot_name: z.string().nullable(),
  plot_id: z.string().nullable(),
  final_file: z.string().nullable(),
  /** Number of the last event before its log named the plot's file as it does now. */
  named_seq: count.nullable(),
  /** The log says that the plot has at least so many bytes. */
  plot_bytes: z.number().nullable(),
  /** What went wrong so far; `waits`: the plotter tries again by itself, `waiting` says since when. */
  error: z.string().nullable(),
  waits: z.boolean(),
  waiting: waitingSchema.nullable(),
  /**
   * How long neither its log nor its files had grown at `silent_from`, from which more is counted: milliseconds, on a scale
   * that begins with the daemon and stands still while the host sleeps.
   */
  silent_ms: z.number(),
  silent_from: z.number(),
  /** How its files were when they were last looked at since its log said something; `null`: they weren't. */
  growth: z.string().nullable(),
  /** By innermost stage, its longest silences: milliseconds. */
  silences: z.record(z.string(), z.number()),
  /** It is stalled; this long it was silent when that was told, in seconds. */
  stalled_s: z.number().nullable(),
  /** What its log said that fails it whatever comes. */
  fatal: z.string().nullable(),
  /** The plot once it is made, its bytes, and the seconds worked on it: without those it was suspended. */
  plot: z.string().nullable(),
  plot_size: z.number().nullable(),
  plot_duration_s: z.number().nullable(),
  /** What its run's plotter drew for it so far. */
  ...energyKeys,
  /** Why the worker failed. */
  failed: z.string().nullable(),
});
export type WorkerState = z.infer<typeof workerSchema>;
