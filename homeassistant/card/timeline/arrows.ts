import type { Track } from '../history/tracks.ts';
import { causeIn } from '../model/worker.ts';
import { numberIn, textIn, timeIn } from '../model/values.ts';

/** A named event that has fired, out of the daemon's event entity. */
export interface Fired {
  seq: number;
  name: string;
  at: number;
  /** Whose worker it was; `null`: it came from outside. */
  job: string | null;
  slot: number | null;
}

/** A place in the timeline: a slot's row, at a moment. */
export interface Place {
  job: string;
  slot: number;
  at: number;
}

/** From the moment that fired a named event to the worker that it started. */
export interface Arrow {
  name: string;
  from: Place;
  to: Place;
}

/** The named events that an event entity has told, by their number. */
export function firedIn(events: Track): ReadonlyMap<number, Fired> {
  const fired = new Map<number, Fired>();
  for (const { attributes } of events) {
    if (attributes.event_type !== 'event_fired') continue;
    const seq = numberIn(attributes.seq);
    const name = textIn(attributes, 'name');
    const at = timeIn(attributes.at);
    if (seq === null || name === null || at === null) continue;
    fired.set(seq, { seq, name, at, job: textIn(attributes, 'job'), slot: numberIn(attributes.slot) });
  }
  return fired;
}

/** Why workers have failed, by the worker, as an event entity has told. */
export function errorsIn(events: Track): ReadonlyMap<string, string> {
  return new Map(
    events.flatMap(({ attributes }): [string, string][] => {
      const [worker, error] = [textIn(attributes, 'worker'), textIn(attributes, 'error')];
      return attributes.event_type === 'worker_failed' && worker && error ? [[worker, error]] : [];
    }),
  );
}

/** The arrows that end in one slot: for each of its workers that a named event of a worker started. */
export function arrowsInto(
  slot: { job: string; slot: number; status: Track },
  fired: ReadonlyMap<number, Fired>,
): Arrow[] {
  const seen = new Set<string>();
  return slot.status.flatMap(({ at, attributes }): Arrow[] => {
    const worker = textIn(attributes, 'worker');
    if (worker === null || seen.has(worker)) return [];
    seen.add(worker);
    const cause = causeIn(attributes);
    const event = cause?.seq == null ? undefined : fired.get(cause.seq);
    if (!event || event.job === null || event.slot === null) return [];
    return [
      {
        name: event.name,
        from: { job: event.job, slot: event.slot, at: event.at },
        to: { job: slot.job, slot: slot.slot, at: timeIn(attributes.started_at) ?? at },
      },
    ];
  });
}
