/** Why another attempt is needed. */
export type Trouble = 'away' | 'refused' | 'lost';

/**
 * The longest pauses, in milliseconds. A broker that is away is back within 5 s of its return, one that refused
 * within 15 s (contract, section 1), attempts that take a while included; on a connection that is lost again and
 * again each attempt publishes everything anew.
 */
const LONGEST_MS: Record<Trouble, number> = { away: 2_000, refused: 10_000, lost: 4_000 };

/** How long to wait before the next attempt at a connection: from 1 s on, doubled each time, varied by half. */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Milliseconds; grows with each call until `reset`. */
  next(trouble: Trouble): number {
    const base = Math.min(LONGEST_MS[trouble], 1000 * 2 ** Math.min(this.#failures, 6));
    this.#failures += 1;
    // Half of it is left to chance, lest all clients of a restarted broker come back at once.
    return Math.round(base * (0.5 + this.#random() / 2));
  }

  reset(): void {
    this.#failures = 0;
  }
}
