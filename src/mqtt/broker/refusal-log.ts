import type { Logger } from '../../util/log.ts';

/** How often refusals of one kind are told, in ms, and of how many addresses apart. */
const PERIOD_MS = 60_000;
const APART = 20;

/** Tells of clients that were refused: the first at once, those that follow as a sum each minute. */
export class RefusalLog {
  readonly #log: Logger;
  readonly #periodMs: number;
  /** What is told of, and how often it has been since. */
  readonly #since = new Map<string, number>();
  #clock: NodeJS.Timeout | undefined;

  constructor(log: Logger, periodMs = PERIOD_MS) {
    this.#log = log;
    this.#periodMs = periodMs;
  }

  note(address: string, reason: string): void {
    const own = `${address}: ${reason}`;
    const key = this.#since.has(own) || this.#since.size < APART ? own : `other addresses: ${reason}`;
    const count = this.#since.get(key);
    this.#since.set(key, (count ?? -1) + 1);
    if (count === undefined) this.#log.warn(`The embedded broker refused a client from ${key}`);
    this.#clock ??= setInterval(() => this.#sum(), this.#periodMs).unref();
  }

  close(): void {
    clearInterval(this.#clock);
  }

  #sum(): void {
    for (const [key, count] of this.#since) {
      if (count === 0) this.#since.delete(key);
      else this.#since.set(key, 0);
      const seconds = this.#periodMs / 1000;
      if (count > 0)
        this.#log.warn(
          `In the last ${seconds} s the embedded broker refused ${count} more clients from ${key}`,
        );
    }
    if (this.#since.size > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }
}
