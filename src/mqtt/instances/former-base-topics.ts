import { isRetained } from '../../contract/routes.ts';
import { topics } from '../../contract/topics.ts';
import type { Subscriptions, Sweep } from '../subscriptions.ts';

/** How long what stands below former base topics is looked at: a broker hands out what is retained at once. */
const CLEAR_MS = 10_000;

/** Clears what stands below base topics that this daemon had before (contract, section 4). */
export class FormerBaseTopics {
  readonly #subscriptions: Pick<Subscriptions, 'addSweep' | 'removeSweep'>;
  readonly #cleared: (bases: readonly string[]) => void;
  #clearing: { sweep: Sweep; timer: NodeJS.Timeout } | undefined;

  /** `cleared` is called once what was found below these bases was handed over to be cleared. */
  constructor(
    subscriptions: Pick<Subscriptions, 'addSweep' | 'removeSweep'>,
    cleared: (bases: readonly string[]) => void,
  ) {
    this.#subscriptions = subscriptions;
    this.#cleared = cleared;
  }

  /** Begins with these, in place of those before. */
  clear(bases: readonly string[]): void {
    if (this.#clearing) this.#subscriptions.removeSweep(this.#clearing.sweep);
    this.pause();
    if (bases.length === 0) return;
    const sweep: Sweep = {
      filters: bases.flatMap((base) => topics(base).retainedFilters),
      stale: (topic) => (bases.some((base) => isRetained(base, topic)) ? [topic] : []),
    };
    this.#subscriptions.addSweep(sweep);
    const timer = setTimeout(() => {
      this.#subscriptions.removeSweep(sweep);
      this.#cleared(bases);
    }, CLEAR_MS).unref();
    this.#clearing = { sweep, timer };
  }

  /** The connection has ended: whether all was seen isn't known. */
  pause(): void {
    clearTimeout(this.#clearing?.timer);
  }
}
