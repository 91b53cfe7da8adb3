import { type Carriers, count, id, nullable, oneOf, type Values } from './rows/carriers.ts';

/** What starts workers (contract, section 3). */
export const CAUSE_KINDS = ['event', 'startup', 'manual', 'keep_running'] as const;

/** Why a worker was started: on which named event, and the number of its `event_fired`; else `null`. */
export const CAUSE = {
  kind: oneOf(CAUSE_KINDS),
  event: nullable(id),
  seq: nullable(count),
} as const satisfies Carriers;
export type Cause = Values<typeof CAUSE>;
