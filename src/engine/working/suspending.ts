import type { RunState } from '../model/run-state.ts';
import { type State, workersOf } from '../model/state.ts';
import type { WorkerStep } from '../model/worker-state.ts';

/** Steps in which the plotter has not begun: what waits there needs no signal. */
const BEFORE_PLOTTER: ReadonlySet<WorkerStep> = new Set(['pre', 'replot_find', 'replot_remove']);

/** Whether a run's plotter may be suspended at all (`suspend` of its definition). */
export function isSuspendable(state: State, { definition }: Pick<RunState, 'definition'>): boolean {
  return state.definitions.get(definition)?.suspend ?? true;
}

/**
 * Whether a pause holds a run where it is. A plotter that may not be suspended goes on to the end of its plot; one that
 * hasn't begun waits like any other.
 */
export function mayBeHeld(state: State, run: RunState): boolean {
  return isSuspendable(state, run) || workersOf(state, run.id).every(({ step }) => BEFORE_PLOTTER.has(step));
}
