/** A state that can't be written is tried again so often, in milliseconds. */
const LATER_MS = 5_000;
/** A command tries at once, though not more often than this, in milliseconds. */
const AT_MOST_MS = 100;

/** When what failed is tried again: each few seconds, and whenever somebody asks. */
export class Retries {
  readonly #again: () => void;
  #timer: NodeJS.Timeout | null = null;
  #next = 0;

  constructor(again: () => void) {
    this.#again = again;
  }

  /** Tries in a while, unless that is asked for already. */
  later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#again();
    }, LATER_MS);
  }

  /** Tries now, unless that was just done. */
  now(): void {
    if (performance.now() < this.#next) return;
    this.#again();
    this.#next = performance.now() + AT_MOST_MS;
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
