/** `setTimeout` counts in 32 bits: longer waits are cut and looked at again. */
const LONGEST_MS = 2 ** 31 - 1;

/** Wake-ups by key: one each, at a time of the clock (milliseconds since 1970). */
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
    if (at === null) return;
    const wait = Math.min(Math.max(0, at - Date.now()), LONGEST_MS);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.#due(key);
    }, wait);
    this.#timers.set(key, { at, timer });
  }

  stop(): void {
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
