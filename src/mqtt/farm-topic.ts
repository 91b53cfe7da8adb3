import type { FarmView } from '../contract/views.ts';
import { steadyEta } from './shown.ts';
import type { StateReader } from './state-reader.ts';

/** When all will have ended takes a look at every worker: it is looked for no more often than this, in milliseconds. */
const LIVELY_MS = 1_000;

/** A time that is far away is shown anew only where it has moved by this share of the time left. */
const ESTIMATE_STEP = 0.02;

function steadyEstimate(shown: string | null, eta: string | null): string | null {
  if (shown === null || eta === null) return eta;
  const moved = Math.abs(Date.parse(eta) - Date.parse(shown));
  return moved < ESTIMATE_STEP * (Date.parse(eta) - Date.now()) ? shown : steadyEta(shown, eta);
}

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
    const last_end_at = steadyEta(before?.last_end_at ?? null, view.last_end_at);
    const replot_eta = steadyEstimate(before?.replot_eta ?? null, view.replot_eta);
    this.#shown = { ...view, last_end_at, replot_eta };
    return this.#shown;
  }
}
