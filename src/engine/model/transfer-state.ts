import * as z from 'zod';
import { count, moment } from './parts.ts';
import { chosenPlotSchema, replotRoomSchema } from './worker-state.ts';

/** The worker that made a plot, by which its events are told. */
export const makerSchema = z.object({ job: z.string(), slot: count.nullable(), worker: z.string() });
export type Maker = z.infer<typeof makerSchema>;

/**
 * `making_room`: old plots go for it, and nothing of it is anywhere yet. `moving`: a process of its own moves it, or is
 * about to. The others may be whole in their destination already: they are
 * tried again there after a while, or (`blocked`) when somebody has looked after them.
 */
export const TRANSFER_STEPS = ['making_room', 'moving', 'waiting', 'blocked'] as const;

/** A plot on its way, by an entry of `moves`. */
export const transferSchema = z.object({
  id: z.string(),
  move: z.string(),
  /** Where the plot is, absolute; and the directory that it goes to. */
  file: z.string(),
  to: z.string(),
  /** What tells the file system of `to` from others while the host runs. */
  filesystem: z.string(),
  /** It is on that file system already: nothing is copied. */
  renames: z.boolean(),
  /** How it was found: another file of its name stays. `mtime_ns`: nanoseconds since 1970. */
  size: count,
  device: z.string(),
  ino: z.string(),
  mtime_ns: z.string(),
  /** `null`: another program's, or nobody knows any more. */
  maker: makerSchema.nullable(),
  step: z.enum(TRANSFER_STEPS),
  /** It may be whole in its destination: it is tried there, and nowhere else. */
  pinned: z.boolean(),
  /** Which try of this file it is, from 1 on. */
  attempt: count,
  /** How many processes were started for it: each has a directory of its own. */
  launches: count,
  /** Of these, how many ended without a word since the last that said one. */
  silent: count,
  /** On the steady clock: when it began, and (`waiting`) when it is tried again. */
  began_at: moment,
  due: moment.nullable(),
  /** The process that is known to run; `at` is on the steady clock. */
  process: z.object({ pid: count, at: moment }).nullable(),
  /** It is to stop, and begins anew some time. */
  stopping: z.boolean(),
  suspended: z.boolean(),
  /** Old plots that still go for it, in their order, and what went. */
  replot: z.array(chosenPlotSchema),
  replot_room: replotRoomSchema.nullable(),
});
export type TransferState = z.infer<typeof transferSchema>;

/** A plot that was made here: by its file's name, which is no other plot's. */
export const madeSchema = makerSchema.extend({
  /** Its worker has failed or was dismissed: whatever is there is never moved. */
  spoilt: z.boolean(),
});
export type Made = z.infer<typeof madeSchema>;
