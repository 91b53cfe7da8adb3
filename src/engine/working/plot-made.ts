import { subjectOf } from '../event-subject.ts';
import type { Exited, PlotSeen, SeenPlot } from '../inputs.ts';
import { fireBound } from '../jobs/named-events.ts';
import type { JobState } from '../model/job-state.ts';
import type { RunState } from '../model/run-state.ts';
import { newestOf, runOf } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { endedWell } from './ended-well.ts';
import { whyNoPlot } from './failure-messages.ts';
import { stopWhereOver } from './finishing.ts';
import { fail } from './lifecycle.ts';
import { saysInPlace } from './in-place.ts';
import { rememberSpoilt } from './made-plots.ts';
import { finishPlot, restProgress } from './plotter-log.ts';
import { plotterGoesOn } from './plotter-waits.ts';
import { clockOf } from './progress.ts';
import { definitionOf } from './stages.ts';
import { isToEnd, proceed } from './steps.ts';

/**
 * The plotter of a worker has ended. A plot alone counts where that ended well (contract, section 3), one of several where
 * it was seen in its place, however the run ends (section 12); none of which something fatal was said.
 */
export function plotterExited(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  input: Exited,
): void {
  const run = runOf(transaction.state, worker);
  const { exit, plot } = input;
  const definition = definitionOf(transaction.state, worker);
  const well = endedWell(definition, exit) && run.stopped_for === null;
  const counts = well || (run.plots > 1 && saysInPlace(run, worker));
  const made = counts && worker.fatal === null && plot?.problem === null ? plot : null;
  // What its plotter did after a plot that was in its place says nothing of that.
  const later = made !== null && newestOf(transaction.state, run.id) !== worker;
  const exit_code = later ? null : exit.code;
  const told = { made, exit_code, at: exit.ended_at, spoilt: plot?.spoilt ?? [] };
  if (plotterDone(transaction, worker, job, told)) return;
  fail(transaction, worker, job, whyNoPlot(run, worker, definition, input));
}

/** The plot of a worker was looked at whose run goes on with later ones. */
export function plotSeen(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  { plot, placed }: PlotSeen,
): void {
  const run = runOf(transaction.state, worker);
  // At the run's end it is looked at again.
  if (worker.step !== 'plotter' || newestOf(transaction.state, run.id) === worker) return;
  if (isToEnd(transaction, worker) || run.stopped_for !== null) return;
  const made = plot?.problem === null && worker.fatal === null ? plot : null;
  // One that nobody has said to be in its place may still come.
  if (made === null && !placed && worker.fatal === null) return;
  const told = { made, exit_code: null, at: transaction.steady, spoilt: plot?.spoilt ?? [] };
  if (!plotterDone(transaction, worker, job, told)) {
    const why = plot?.problem ?? 'its log names no plot';
    fail(transaction, worker, job, worker.fatal ?? `the plotter goes on but ${why}`);
  }
  stopWhereOver(transaction, run);
}

/** The plot that is made, if it is, and what was left instead; `at`: on the steady clock. */
interface PlotterDone {
  made: SeenPlot | null;
  exit_code: number | null;
  at: number;
  spoilt: readonly string[];
}

/** Tells that the plotter is done with a worker's plot; whether that is made. */
function plotterDone(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  { made, exit_code, at, spoilt }: PlotterDone,
): boolean {
  const run = runOf(transaction.state, worker);
  const duration_s = workedSeconds(run, worker, at);
  const plot = made?.file ?? null;
  if (made) {
    transaction.change(['produced', made.file, { worker: worker.id, seq: transaction.state.seq }]);
    // It may have waited until here, and said nothing since.
    plotterGoesOn(transaction, worker, job);
    finishPlot(transaction, worker, job);
    transaction.patchWorker(worker, {
      ...{ plot, plot_size: made.bytes, plot_duration_s: duration_s, error: null },
    });
  } else {
    restProgress(transaction, worker);
    rememberSpoilt(transaction, worker, spoilt);
  }
  transaction.tell('plotter_finished', subjectOf(worker), { exit_code, plot, duration_s });
  fireBound(transaction, job, worker, { on: 'plotter_finished' });
  if (made) proceed(transaction, worker);
  return made !== null;
}

/** Seconds that the plotter worked on a plot: those in which it was suspended don't count. `at`: on the steady clock. */
function workedSeconds(run: RunState, worker: WorkerState, at: number): number {
  if (worker.plotter_started_at === null) return 0;
  return Math.max(0, Math.round(clockOf(run, worker, at) - worker.pace_from) / 1000);
}
