/** How long to wait before the next attempt at a connection: 1 s, 2 s, … 60 s, each varied by half. */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Milliseconds; grows with each call until `reset`. */
  next(): number {
    const base = Math.min(60_000, 1000 * 2 ** Math.min(this.#failures, 6));
    this.#failures += 1;
    // Half of it is left to chance, lest all clients of a restarted broker come back at once.
    return Math.round(base * (0.5 + this.#random() / 2));
  }

  reset(): void {
    this.#failures = 0;
  }
}
