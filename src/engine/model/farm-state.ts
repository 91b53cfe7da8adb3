import * as z from 'zod';
import { holdsSchema } from './hold.ts';
import { count } from './parts.ts';

/** What holds for all jobs together (contract, section 9). */
export const farmSchema = z.object({
  /** Workers of all jobs at once; 0: none starts. */
  max_workers: count,
  holds: holdsSchema,
});
export type FarmState = z.infer<typeof farmSchema>;

/** A farm that nobody has limited or held. */
export const FREE_FARM = { max_workers: 1000, holds: {} } as const satisfies FarmState;
