/** What is asked, in this order, whether one more worker of a job may start (contract, section 8). */
export const GATES = [
  'enabled',
  'failing',
  'paused',
  'max_workers',
  'plots_to_do',
  'farm',
  'limit',
  'missing_argument',
  'missing_directory',
  'disk',
  'temp_full',
  'dest_full',
] as const;
export type GateName = (typeof GATES)[number];

/**
 * What a job's next worker waits for: the first gate that is closed; with all open a time (`delay`), a named event
 * (`event`), or nothing that will come by itself (`nothing`).
 */
export const WAITING_FOR = [...GATES, 'delay', 'event', 'nothing'] as const;
export type WaitingFor = (typeof WAITING_FOR)[number];

/** A gate as `why` answers it. */
export interface GateView {
  gate: GateName;
  open: boolean;
  /** A sentence with names and numbers. */
  text: string;
}
