import { type Timer, timerKey } from '../../engine/timer.ts';

/** `setTimeout` counts in 32 bits: longer waits go in several turns. */
const LONGEST_MS = 2 ** 31 - 1;
/** Moments of one time by the clock are no further apart than this, unless it was set meanwhile. */
const SAME_MS = 50;

/** All that is due at one moment; `until` is on the clock of `performance.now()`, which nobody sets. */
interface DueMoment {
  at: number;
  until: number;
  /** By key, in the order in which they were set. */
  due: Map<string, Timer>;
  timeout: NodeJS.Timeout | undefined;
}

/**
 * Wake-ups, one for each timer, asked for by a time of the clock (milliseconds since 1970). What is kept is how long it
 * is until then: a clock that is set meanwhile makes no wake-up early or late, as delays are durations. Timers of one
 * time share a timeout.
 */
export class Timers {
  readonly #due: (timers: Timer[]) => void;
  readonly #waiting = new Map<string, DueMoment>();
  readonly #moments = new Map<number, DueMoment>();

  /** `due` gets the timers whose time has come, in the order in which they were set. */
  constructor(due: (timers: Timer[]) => void) {
    this.#due = due;
  }

  /** Sets, moves or (`null`) cancels a timer. */
  set(timer: Timer, at: number | null): void {
    const key = timerKey(timer);
    const present = this.#waiting.get(key);
    if (present?.at === at) return;
    if (present) this.#cancel(key, present);
    if (at === null) return;
    const moment = this.#momentOf(at);
    moment.due.set(key, timer);
    this.#waiting.set(key, moment);
  }

  stop(): void {
    for (const { timeout } of this.#waiting.values()) clearTimeout(timeout);
    this.#waiting.clear();
    this.#moments.clear();
  }

  #momentOf(at: number): DueMoment {
    const until = performance.now() + at - Date.now();
    const known = this.#moments.get(at);
    if (known && Math.abs(known.until - until) < SAME_MS) return known;
    const moment: DueMoment = { at, until, due: new Map(), timeout: undefined };
    this.#moments.set(at, moment);
    this.#wait(moment);
    return moment;
  }

  #cancel(key: string, moment: DueMoment): void {
    this.#waiting.delete(key);
    moment.due.delete(key);
    if (moment.due.size > 0) return;
    clearTimeout(moment.timeout);
    this.#forget(moment);
  }

  #wait(moment: DueMoment): void {
    // A timer would cut the fraction off and come too early.
    const left = Math.max(0, Math.ceil(moment.until - performance.now()));
    moment.timeout = setTimeout(
      () => (left > LONGEST_MS ? this.#wait(moment) : this.#wake(moment)),
      Math.min(left, LONGEST_MS),
    );
  }

  #wake(moment: DueMoment): void {
    this.#forget(moment);
    const due = [...moment.due.values()];
    for (const key of moment.due.keys()) this.#waiting.delete(key);
    this.#due(due);
  }

  /** Another may have taken its place since the clock was set. */
  #forget(moment: DueMoment): void {
    if (this.#moments.get(moment.at) === moment) this.#moments.delete(moment.at);
  }
}
