import * as z from 'zod';
import { moment } from './parts.ts';

/** What a hold keeps back: with `pause` running plotters are suspended too (contract, section 9). */
export const HOLD_KINDS = ['pause', 'no_starts'] as const;

export const holdSchema = z.object({
  kind: z.enum(HOLD_KINDS),
  reason: z.string().nullable(),
  /** By the host's clock, milliseconds since 1970. */
  since: moment,
  /** When it goes by itself; `null`: never. */
  until: moment.nullable(),
  /** Whether it holds moves too. */
  moves: z.boolean(),
});
export type Hold = z.infer<typeof holdSchema>;

/** Holds that stand, by name. */
export const holdsSchema = z.record(z.string(), holdSchema);
export type Holds = Readonly<z.infer<typeof holdsSchema>>;

/** A job's own `paused`, among its holds: no name that a user may give begins so. */
export const OWN_PAUSE = '@pause';
