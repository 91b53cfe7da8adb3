import type { FarmView } from '../../contract/views.ts';
import { steadyTime } from '../../util/steady-time.ts';
import type { StateReader } from './state-reader.ts';

/** When all will have ended takes a look at every worker: it is looked for no more often than this, in milliseconds. */
const LIVELY_MS = 1_000;
/**
 * When the last worker will have ended is for plans, and repeats what workers' own times say: it is shown anew when it has
 * moved by this share of the time left. Otherwise it would double the rows of a plot's ETA in a recorder (contract, section 6).
 */
const STEP_OF_LAST_END = 0.15;

/** What stands on `B/farm`, which changes with nearly every step. */
export class FarmTopic {
  readonly #reader: Pick<StateReader, 'farm'>;
  #shown: FarmView | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(reader: Pick<StateReader, 'farm'>) {
    this.#reader = reader;
  }

  /** What is to be shown at a moment of `performance.now()`. */
  view(now: number): FarmView {
    const before = this.#shown;
    const isFresh = now - this.#lookedAt < LIVELY_MS;
    const view = this.#reader.farm(isFresh ? before : undefined);
    if (!isFresh || view.workers !== before?.workers) this.#lookedAt = now;
    const last_end_at = steadyTime(
      before?.last_end_at ?? null,
      view.last_end_at,
      Date.now(),
      STEP_OF_LAST_END,
    );
    const replot_eta = steadyTime(before?.replot_eta ?? null, view.replot_eta, Date.now());
    this.#shown = { ...view, last_end_at, replot_eta };
    return this.#shown;
  }
}
