import type { Timescale } from './model/meta.ts';

/** A moment by the host's clock (milliseconds since 1970), and the same on the steady one (see `Surroundings`). */
export interface Moment {
  now: number;
  steady: number;
}

/** The world as far as rules need it. */
export interface Surroundings {
  /** What the host's clock shows, which may be set; milliseconds since 1970. */
  now(): number;
  /**
   * Time as it passes, also while the daemon is away and the host sleeps; milliseconds from a beginning near 1970. A
   * host or container that is started anew begins a new scale: see `timescale`.
   */
  steady(): number;
  /** How much of that time the host has slept since the program's start, in milliseconds. */
  slept(): number;
  /** The scale on which `steady` counts, to be kept; `null` where it can't go on after a restart. */
  timescale(): Timescale | null;
  /** A few random characters, fit for a file name. */
  random(): string;
  /** Random, another one at each start of the program: part of every event's id, so that none is used twice. */
  readonly start: string;
  /** The local date of a time, `YYYY-MM-DD`. */
  dateOf(at: number): string;
}
