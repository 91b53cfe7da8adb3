/** `setTimeout` counts in 32 bits: longer waits go in several turns. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Wake-ups by key, one each, asked for by a time of the clock (milliseconds since 1970). What is kept is how long it
 * is until then: a clock that is set meanwhile makes no wake-up early or late, as delays are durations.
 */
export class Wakes {
  readonly #due: (key: string) => void;
  readonly #timers = new Map<string, { at: number; timer: NodeJS.Timeout }>();

  constructor(due: (key: string) => void) {
    this.#due = due;
  }

  /** Sets, moves or (`null`) cancels the wake-up of a key. */
  set(key: string, at: number | null): void {
    const present = this.#timers.get(key);
    if (present?.at === at) return;
    if (present) clearTimeout(present.timer);
    this.#timers.delete(key);
    if (at !== null) this.#wait(key, at, performance.now() + at - Date.now());
  }

  /** `until` is on the clock of `performance.now()`, which nobody sets. */
  #wait(key: string, at: number, until: number): void {
    const left = Math.max(0, until - performance.now());
    const timer = setTimeout(
      () => {
        if (left > LONGEST_MS) return this.#wait(key, at, until);
        this.#timers.delete(key);
        this.#due(key);
      },
      Math.min(left, LONGEST_MS),
    );
    this.#timers.set(key, { at, timer });
  }

  stop(): void {
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
