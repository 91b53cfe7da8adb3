import type { HistoryMessage } from '../homeassistant.ts';

/** A state from a moment on, in milliseconds since 1970. */
export interface Sample {
  at: number;
  state: string;
  attributes: Readonly<Record<string, unknown>>;
}
/** What an entity was, oldest first. */
export type Track = readonly Sample[];
/** Tracks by entity id. */
export type Tracks = ReadonlyMap<string, Track>;

/**
 * Takes in what `history/stream` tells: first all since the start, then what is new. After a lost connection it tells
 * all from the start again, so that what is known is told twice. What was before `since` goes, but for the state then.
 */
export function withMessage(tracks: Tracks, { states }: HistoryMessage, since: number): Tracks {
  const merged = new Map(tracks);
  for (const [id, told] of Object.entries(states)) {
    const samples = told.map(({ s, a, lu }): Sample => ({ at: lu * 1000, state: s, attributes: a ?? {} }));
    merged.set(id, after(joined(tracks.get(id) ?? [], samples), since));
  }
  return merged;
}

function joined(known: Track, told: Track): Track {
  const first = told[0];
  if (first === undefined) return known;
  const before = known.filter(({ at }) => at < first.at);
  const last = told.at(-1);
  const behind = last === undefined ? [] : known.filter(({ at }) => at > last.at);
  return [...before, ...told, ...behind];
}

function after(track: Track, since: number): Track {
  const index = track.findLastIndex(({ at }) => at <= since);
  return index <= 0 ? track : track.slice(index);
}

/** What an entity was at a moment; `undefined` where that isn't known. */
export function sampleAt(track: Track, at: number): Sample | undefined {
  return track.findLast((sample) => sample.at <= at);
}
