/**
 * Holds things back until their time has come, with one timer for all: a tenth of the interval is its grain, so that
 * a thousand workers don't make a thousand timers. Without anything held there is no timer.
 */
export class Throttle<Target extends { shown: { sentAt: number } }> {
  readonly #intervalMs: number;
  readonly #release: (due: Target[]) => void;
  readonly #held = new Set<Target>();
  #timer: NodeJS.Timeout | undefined;

  /** `release` gets those whose last message is `intervalMs` ago. */
  constructor(intervalMs: number, release: (due: Target[]) => void) {
    this.#intervalMs = intervalMs;
    this.#release = release;
  }

  /** Whether it is too early for another message; if so, the target is held. `now` is `performance.now()`. */
  holds(target: Target, now: number): boolean {
    if (now >= target.shown.sentAt + this.#intervalMs) return false;
    this.#held.add(target);
    this.#timer ??= setTimeout(() => this.#look(), Math.max(this.#intervalMs / 10, 1));
    return true;
  }

  /** Nothing was to be sent: it isn't looked at again for a moment, however often it moves. */
  rest({ shown }: Target, now: number): void {
    shown.sentAt = Math.max(shown.sentAt, now - 0.9 * this.#intervalMs);
  }

  delete(target: Target): void {
    this.#held.delete(target);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#held.clear();
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    const due = [...this.#held].filter(({ shown }) => now >= shown.sentAt + this.#intervalMs);
    for (const target of due) this.#held.delete(target);
    if (this.#held.size > 0) this.#timer = setTimeout(() => this.#look(), Math.max(this.#intervalMs / 10, 1));
    if (due.length > 0) this.#release(due);
  }
}
