import type { Effect } from '../../engine/effects.ts';
import type { Outcome } from '../../engine/outcome.ts';

/** What is done with a step once it is written down. */
export interface AfterStep {
  perform(effect: Effect): void;
  /** Publishes what the step told and touched; answers come after it. */
  publish(outcome: Outcome): void;
  /** `storage` is another than before. */
  storageChanged(): void;
}
