import type { MoveStateName } from '../../../src/contract/moves.ts';
import { MINUTE, type Work } from './story.ts';

/** A move of the farm: it takes what is made to the disks, so many at a time. */
export interface MoveStory {
  id: string;
  title: string;
  atOnce: number;
  /** How long one plot takes, in minutes. */
  minutes: number;
  /** Somebody paused it: minutes ago, from and to. */
  paused: readonly [from: number, to: number];
}

/** A plot on its way. */
export interface Moved {
  work: Work;
  /** Which one it is: they go to one disk after the other. */
  nth: number;
  from: number;
  to: number;
}
/** What became of a move's files. */
export interface MoveTrack {
  story: MoveStory;
  moved: readonly Moved[];
  states: readonly { at: number; state: MoveStateName }[];
}

/** Moves plots in the order in which they were made. */
export function moveAll(story: MoveStory, made: readonly Work[], now: number): MoveTrack {
  const [paused, resumed] = story.paused.map((ago) => now - ago * MINUTE);
  const isPaused = (at: number) =>
    paused !== undefined && resumed !== undefined && at >= paused && at < resumed;
  const long = story.minutes * MINUTE;
  const ends: number[] = [];
  const moved = [...made]
    .sort((one, other) => one.to - other.to)
    .map((work, nth): Moved => {
      const free = ends.length < story.atOnce ? 0 : (ends.at(-story.atOnce) ?? 0);
      let from = Math.max(work.to, free);
      if (isPaused(from)) from = resumed ?? from;
      let to = from + long;
      // What is on its way stands still meanwhile.
      if (paused !== undefined && resumed !== undefined && from < paused && to > paused)
        to += resumed - paused;
      ends.push(to);
      ends.sort((one, other) => one - other);
      return { work, nth, from, to };
    });
  return { story, moved, states: statesOf(moved, isPaused, [paused ?? 0, resumed ?? 0], now) };
}

function statesOf(
  moved: readonly Moved[],
  isPaused: (at: number) => boolean,
  pauses: readonly number[],
  now: number,
): MoveTrack['states'] {
  const moments = [...pauses, ...moved.flatMap(({ from, to }) => [from, to])].sort((a, b) => a - b);
  const states: { at: number; state: MoveStateName }[] = [];
  for (const at of moments) {
    if (at > now) break;
    const isBusy = moved.some(({ from, to }) => from <= at && to > at);
    const state = isPaused(at) ? 'paused' : isBusy ? 'moving' : 'idle';
    if (states.at(-1)?.state !== state) states.push({ at, state });
  }
  return states;
}
