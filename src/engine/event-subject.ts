import type { BoundMoment } from './model/timer-state.ts';
import type { WorkerState } from './model/worker-state.ts';

/** Whom an event is about. */
export interface EventSubject {
  job: string | null;
  slot?: number | null;
  worker?: string | null;
}

/** The worker as the subject of an event. */
export function subjectOf(worker: WorkerState): EventSubject {
  return { job: worker.job, slot: worker.slot, worker: worker.id };
}

/** A named event that fired in this step, and the worker it comes from. */
export interface Fired {
  name: string;
  source: 'worker' | 'mqtt' | 'daemon';
  about: { job: string | null; slot: number | null; worker: string | null } | null;
  /** What it is bound to; `null`: it comes from outside, or nobody knows any more. */
  moment: BoundMoment | null;
  /** The base topic of the other daemon at which it fires; `null`: it fires here. */
  target: string | null;
}
