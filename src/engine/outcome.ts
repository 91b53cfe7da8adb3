import type { Effect } from './effects.ts';
import type { TicketAnswer } from './inputs.ts';
import type { EngineEvent } from '../contract/events.ts';
import type { Entry } from './model/changes.ts';
import type { WorkerState } from './model/worker-state.ts';

/** A worker whose progress has moved. */
export type MovedWorker = Pick<WorkerState, 'job' | 'slot'>;

/** What one step comes to. */
export interface Outcome {
  /** To be written to the journal before anything else is done; `null` where nothing is to be kept. */
  entry: Entry<EngineEvent> | null;
  /** The entry counts a plot: it must survive a power cut. */
  flush: boolean;
  effects: Effect[];
  answers: TicketAnswer[];
  /** Jobs and workers (job, slot) whose view may have changed; of those that `moved`, progress and eta only. */
  touched: {
    jobs: Set<string>;
    slots: Map<string, Set<number>>;
    moved: ReadonlySet<MovedWorker>;
    /** Moves whose view may have changed. */
    moves: ReadonlySet<string>;
  };
  /** Puts state and memory back to where they were before the step: for one that can't be written down. */
  undo(): void;
}
