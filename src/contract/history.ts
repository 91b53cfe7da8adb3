/** Lines that one answer of `B/bridge/request/history` may have, and has where nothing else is said. */
export const HISTORY_LIMIT = 1000;
export const HISTORY_DEFAULT = 20;

/** Which lines of the history are asked for. */
export interface HistoryQuery {
  /** Of one job, or `null`. */
  job: string | null;
  /** Of workers that ended then or later, milliseconds since 1970; or `null`. */
  since: number | null;
  /** Of these no more than the last so many. */
  limit: number;
}
