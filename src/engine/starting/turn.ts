import type { Memory } from '../memory.ts';
import type { JobState } from '../model/job-state.ts';
import { agesOf, waitingStarts } from './ages.ts';
import type { World } from './gates/gate.ts';

/** Whose turn a start is where several wait for one place (contract, section 8): the lowest goes first. */
export interface Turn {
  /** Number of the last event before it was asked for. */
  since: number;
  /** Starts by hand come behind what was asked for before them, one after the other; 0: it isn't by hand. */
  ticket: number;
  /** Of two that were asked for together the one whose job comes first in config.yaml goes first. */
  place: number;
  job: string;
}

/** In place of `since`: what `keep_running` wants comes behind all that was asked for. */
export const KEPT = Number.POSITIVE_INFINITY;
/** Asked for now. */
const NOW = Number.MAX_SAFE_INTEGER;
/** Nothing that waits goes before it. */
export const BEFORE_ALL: Turn = { since: -1, ticket: 0, place: 0, job: '' };

/** The turn of a start of a job. Jobs made over MQTT come behind those of config.yaml. */
export function turnOf(
  { memory }: { memory: Pick<Memory, 'order'> },
  job: string,
  { since, ticket = 0 }: { since: number; ticket?: number },
): Turn {
  return { since, ticket, place: memory.order.get(job) ?? Number.POSITIVE_INFINITY, job };
}

/** Negative where the first one goes first; no two jobs are equal. */
export function compareTurns(one: Turn, other: Turn): number {
  return (
    compare(one.since, other.since) ||
    compare(one.ticket, other.ticket) ||
    compare(one.place, other.place) ||
    compare(one.job, other.job)
  );
}

function compare<Value extends string | number>(one: Value, other: Value): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** The turn of a job's next start, behind those `coming`: of one that waits, else as if one more were wanted. */
export function nextTurn(world: World, job: JobState, coming: number): Turn {
  const more = job.definition.keep_running && !job.keeping.stopped ? KEPT : NOW;
  const since = coming < waitingStarts(job) ? sinceOf(job, coming) : more;
  return turnOf(world, job.id, { since });
}

/** Since when the start behind so many older ones of its job waits. */
function sinceOf(job: JobState, older: number): number {
  let left = older;
  for (const { since, workers } of agesOf(job)) {
    if (left < workers) return since;
    left -= workers;
  }
  return NOW;
}
