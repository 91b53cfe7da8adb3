/** Events that one answer of `B/bridge/request/events` may have, and has where nothing else is said. */
export const EVENTS_LIMIT = 1000;
export const EVENTS_DEFAULT = 100;

/** For so many days events are kept in events.jsonl (contract, section 7). */
export const EVENTS_DAYS = 14;

/** Which events are asked for. */
export interface EventsQuery {
  /** Of one job, or `null`. */
  job: string | null;
  /** Of then or later, milliseconds since 1970; or `null`. */
  since: number | null;
  /** Of these no more than the last so many. */
  limit: number;
}
