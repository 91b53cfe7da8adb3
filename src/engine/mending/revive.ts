import type { ProcessKind } from '../../process/files.ts';
import type { RunState } from '../model/run-state.ts';
import { newestOf, runOf, type State } from '../model/state.ts';
import { WORKER_STEPS, type WorkerState, type WorkerStep } from '../model/worker-state.ts';
import { plotFile } from '../working/stages.ts';
import type { Recalled } from './recall.ts';

/** What a worker's own directory tells, whatever became of its records. Times are milliseconds on the steady clock. */
export interface Traces {
  /** Its directory is there, and not marked as that of one that has ended: it was not cleaned up. */
  present: boolean;
  /** When each process was begun, `null` where it wasn't. */
  begun: Record<ProcessKind, number | null>;
  /** When the plotter's exit status was written. */
  plotter_ended_at: number | null;
  /** What its log says. */
  log: Recalled;
  /** Bytes of the log up to the end of its last whole line. */
  log_bytes: number;
  /** Whether its plot lies where its log says. */
  plot_exists: boolean;
}

/**
 * Brings a worker whose records may be lost in part to where its directory says that it is. Nothing that was begun is
 * begun again. `unknown`: no record tells how far its log was heard; what it has said by now is then told to nobody.
 */
export function revive(state: State, worker: WorkerState, traces: Traces, unknown: boolean): void {
  const { log, begun } = traces;
  const run = runOf(state, worker);
  worker.plot_name ??= log.plot_name;
  worker.plot_id ??= log.plot_id;
  worker.final_file ??= log.final_file;
  worker.plot_bytes ??= log.plot_bytes;
  worker.fatal ??= log.fatal;
  if (unknown && begun.plotter !== null) {
    const { leaf, fraction, error, waits } = log;
    Object.assign(worker, { leaf, fraction, error, waits });
    run.log_offset = traces.log_bytes;
  }
  if (begun.plotter !== null) plotterBegun(worker, begun.plotter);
  // What has no directory has ended, or was never begun: it isn't begun now, since nobody knows which.
  const began = run.process !== null || worker.post !== null;
  if (!traces.present && !began && worker.plot === null) giveUp(run, worker);
  const furthest = furthestStep(worker, traces);
  if (furthest !== worker.step) Object.assign(worker, { step: furthest, held: false });
  // What the run's process is about is its newest worker's step.
  const isNewest = newestOf(state, run.id) === worker;
  if (run.process !== null && isNewest && run.process.kind !== worker.step) run.process = null;
  if (worker.step !== 'post') worker.post = null;
  if (hasPlot(run, worker, traces)) {
    const ended = traces.plotter_ended_at ?? worker.plotter_started_at ?? worker.pace_from;
    worker.plot = plotFile(state, worker);
    worker.plot_duration_s ??= Math.max(0, Math.round(ended - worker.pace_from) / 1000);
  }
}

/** A later plot of a run is given up by itself. */
function giveUp(run: RunState, worker: WorkerState): void {
  if (worker.nth === 1) run.dismissed = true;
  else worker.dismissed = true;
}

function plotterBegun(worker: WorkerState, at: number): void {
  if (worker.plotter_started_at !== null) return;
  Object.assign(worker, { plotter_started_at: at, pace_from: at, moved_at: at, leaf_at: at, phase_at: at });
}

const order = (step: WorkerStep) => WORKER_STEPS.indexOf(step);

function furthestStep(worker: WorkerState, { present, begun }: Traces): WorkerStep {
  // The directory goes when all else is done.
  if (!present) return 'cleanup';
  const steps: WorkerStep[] = [worker.step];
  for (const kind of ['pre', 'plotter', 'post'] as const) if (begun[kind] !== null) steps.push(kind);
  return steps.reduce((furthest, step) => (order(step) > order(furthest) ? step : furthest));
}

/** A post-command is begun only when there is a plot; after the end of all, the plot itself is what tells. */
function hasPlot(run: RunState, worker: WorkerState, { begun, present, plot_exists }: Traces): boolean {
  const { plot, failed, fatal, dismissed } = worker;
  if (plot !== null || failed !== null || fatal !== null || run.dismissed || dismissed) return false;
  return (
    worker.step === 'post' || begun.post !== null || (!present && worker.step === 'cleanup' && plot_exists)
  );
}
