import type { Logger } from '../../util/log.ts';
import type { Publication } from '../connection/session.ts';

/** Counts what isn't sent, and says why in the log, each cause once. */
export class Unsent {
  readonly #log: Logger;
  /** Answers and states that were not sent; events are counted where they wait. */
  #count = 0;
  /** Topics of which the log says already that their message is too large. */
  readonly #tooLarge = new Set<string>();
  readonly #refusals = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  get count(): number {
    return this.#count;
  }

  /** An answer for which nobody is there, or no room. */
  dropped(): void {
    this.#count += 1;
  }

  /** What isn't sent is counted, of states the first; the log says it once for a topic, until something goes there. */
  tooLarge({ topic, retain }: Publication, bytes: number): void {
    const known = this.#tooLarge.has(topic);
    if (!known || !retain) this.#count += 1;
    if (known) return;
    this.#tooLarge.add(topic);
    this.#log.error({ topic, bytes }, 'A message is too large for the broker: not sent');
  }

  /** Something goes to this topic again. */
  fits(topic: string): void {
    this.#tooLarge.delete(topic);
  }

  /** An ACL that forbids one topic forbids many: one line in the log for a connection and reason. */
  refused(topic: string, reason: string): void {
    if (this.#refusals.has(reason)) return;
    this.#refusals.add(reason);
    this.#log.error({ topic }, `The broker refuses a message (it may refuse others too): ${reason}`);
  }

  /** The connection has ended: the next one's refusals are new. */
  disconnected(): void {
    this.#refusals.clear();
  }
}
