import * as z from 'zod';
import { holdsSchema } from './hold.ts';
import { count, moment } from './parts.ts';

/** How far the rule of a hold was followed. */
const ruleSchema = z.object({
  /** The rule itself: another one begins anew. */
  rule: z.string(),
  /** When it sets or releases the hold next, by the host's clock; `null`: never. */
  next: moment.nullable(),
});
export type HoldRule = z.infer<typeof ruleSchema>;

/** What holds for all jobs together (contract, section 9). */
export const farmSchema = z.object({
  /** Workers of all jobs at once; 0: none starts. */
  max_workers: count,
  holds: holdsSchema,
  /** Of holds that config.yaml has stand by themselves at times. */
  rules: z.record(z.string(), ruleSchema),
});
export type FarmState = z.infer<typeof farmSchema>;

/** A farm that nobody has limited or held. */
export const FREE_FARM = { max_workers: 1000, holds: {}, rules: {} } as const satisfies FarmState;
