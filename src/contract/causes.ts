/** What starts workers (contract, section 3). */
export const CAUSE_KINDS = ['event', 'startup', 'manual', 'keep_running'] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

/** Why a worker was started: on which named event, and the number of its `event_fired`; else `null`. */
export interface Cause {
  kind: CauseKind;
  event: string | null;
  seq: number | null;
}
