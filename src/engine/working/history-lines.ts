import { historyKey } from '../../storage/history.ts';
import { NO_ENERGY, shownEnergy } from '../model/energy.ts';
import type { HistoryLine } from '../model/history-line.ts';
import type { JobState } from '../model/job-state.ts';
import { destinationOf, tempDirsOf } from '../model/placement.ts';
import type { RunState } from '../model/run-state.ts';
import { isDismissed } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { phaseSeconds } from './stages.ts';

/** The line of a worker that ends now (contract, section 7). */
export function historyLine(
  transaction: Transaction,
  run: RunState,
  worker: WorkerState,
  error: string | null,
): HistoryLine {
  return {
    worker: worker.id,
    run: run.id,
    cause: worker.cause,
    job: worker.job,
    slot: worker.slot,
    plotter: run.plotter,
    result: isDismissed(transaction.state, worker) ? 'dismissed' : worker.plot === null ? 'failed' : 'done',
    plot: worker.plot,
    size: worker.plot_size,
    temp_dir: tempDirsOf(worker)[0] ?? null,
    dest_dir: destinationOf(worker),
    started_at: new Date(worker.started_at).toISOString(),
    ended_at: new Date(transaction.now).toISOString(),
    duration_s: Math.max(0, Math.round(transaction.steady - (worker.began_at ?? worker.started_at))) / 1000,
    phases: phaseSeconds(transaction.state, worker),
    ...shownEnergy(worker),
    error,
    // Its plot is no older than what was there before it, whatever the clock says now.
    ...(transaction.now < transaction.memory.latest
      ? { not_before: new Date(transaction.memory.latest).toISOString() }
      : {}),
  };
}

/** The job's counts begin anew: this too is history, or what is left of it would tell more plots than there are. */
export function writeReset(transaction: Transaction, job: Pick<JobState, 'id'>): void {
  const at = new Date(transaction.now).toISOString();
  const line: HistoryLine = {
    worker: null,
    run: null,
    cause: null,
    job: job.id,
    slot: null,
    plotter: null,
    result: 'reset',
    plot: null,
    size: null,
    temp_dir: null,
    dest_dir: null,
    started_at: at,
    ended_at: at,
    duration_s: 0,
    phases: {},
    ...NO_ENERGY,
    error: null,
  };
  transaction.change(['history', historyKey(line), line]);
  transaction.ask({ type: 'history' });
}
