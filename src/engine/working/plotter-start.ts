import type { RunState } from '../model/run-state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { clockOf } from './progress.ts';
import { awakeAt } from './silence.ts';

/** What changes where a run's plotter begins a worker's plot; `at`: when, on the steady clock. */
export function plotterStart(transaction: Transaction, run: RunState, at: number): Partial<WorkerState> {
  const own = clockOf(run, { waiting: null }, at);
  const times = { plotter_started_at: at, pace_from: own, moved_at: own, leaf_at: own, phase_at: own };
  const silence = { silent_ms: 0, silent_from: awakeAt(transaction), growth: null };
  return { plotter_seq: transaction.state.seq, ...times, ...silence };
}
