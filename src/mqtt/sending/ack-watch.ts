/**
 * Watches that the broker acknowledges. One timer serves all that is in flight: acknowledgements come in order, so
 * any of them is a sign of life.
 */
export class AckWatch {
  readonly #limitMs: number;
  readonly #onStuck: () => void;
  #lastSign = 0;
  #timer: NodeJS.Timeout | undefined;
  inFlight = 0;

  constructor(limitMs: number, onStuck: () => void) {
    this.#limitMs = limitMs;
    this.#onStuck = onStuck;
  }

  sent(): void {
    if (this.inFlight === 0) this.#lastSign = performance.now();
    this.inFlight += 1;
    if (!this.#timer) this.#watch();
  }

  acknowledged(): void {
    this.inFlight -= 1;
    this.#lastSign = performance.now();
    // Else a daemon that says something each half minute would wake up twice for it.
    if (this.inFlight === 0) this.reset();
  }

  reset(): void {
    this.inFlight = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #watch(): void {
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        if (performance.now() - this.#lastSign >= this.#limitMs) this.#onStuck();
        else this.#watch();
      },
      Math.max(1, this.#lastSign + this.#limitMs - performance.now()),
    );
  }
}
