import * as z from 'zod';
import { BINDABLE_MOMENTS } from '../../contract/events.ts';
import { count, moment } from './parts.ts';

/** The moment of a worker's life to which a named event is bound. */
export const boundMomentSchema = z.object({
  on: z.enum(BINDABLE_MOMENTS),
  stage: z.string().optional(),
  percent: z.number().optional(),
});
export type BoundMoment = z.infer<typeof boundMomentSchema>;

/** A named event that has fired and waits for its delay. */
export const timerSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** The other daemon at which it fires; `null`: here. */
  target: z.string().nullable(),
  /** By the host's clock when it was asked for, milliseconds since 1970: holds where the steady scale began anew. */
  due: moment,
  /** The same on the steady clock; timers of version 1 have none. */
  due_steady: moment.nullable(),
  job: z.string().nullable(),
  slot: count.nullable(),
  worker: z.string().nullable(),
  /** What it is bound to; timers of version 1 don't know. */
  moment: boundMomentSchema.nullable(),
});
export type TimerState = z.infer<typeof timerSchema>;
