/** How a move stands (contract, section 10). */
export const MOVE_STATES = ['moving', 'waiting', 'paused', 'disabled', 'blocked', 'idle'] as const;
export type MoveStateName = (typeof MOVE_STATES)[number];

/** What the next file of a move waits for; `none`: nothing keeps it. */
export const MOVE_WAITING_FOR = [
  'disabled',
  'paused',
  'limit',
  'disk',
  'dest_full',
  'missing_directory',
  'none',
] as const;
export type MoveWaitingFor = (typeof MOVE_WAITING_FOR)[number];

/** The values that commands may set on a move (`B/move/<move>/set/<field>`). */
export interface MoveSettings {
  enabled?: boolean;
  paused?: boolean;
}

/** Files of one move on their way at once, at most; and where config.yaml says nothing. */
export const MAX_MOVES_LIMIT = 100;
export const MAX_MOVES_DEFAULT = 4;
