import type { ProcessKind } from '../../process/files.ts';
import { subjectOf } from '../event-subject.ts';
import type { Cleaned, Exited, Launched, ProcessExit } from '../inputs.ts';
import { fireBound } from '../jobs/named-events.ts';
import type { JobState } from '../model/job-state.ts';
import type { RunState } from '../model/run-state.ts';
import { newestOf, runOf, workersOf } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { endWorker } from './ending.ts';
import { endedWell } from './ended-well.ts';
import { howItEnded, whyNoPlot } from './failure-messages.ts';
import { rememberSpoilt } from './made-plots.ts';
import { finishPlot, progressMoved, restProgress } from './plotter-log.ts';
import { noMoreWaiting, plotterGoesOn } from './plotter-waits.ts';
import { clockOf } from './progress.ts';
import { definitionOf } from './stages.ts';
import { proceed } from './steps.ts';
import { isBeingStopped, stopProcess } from './stopping.ts';

const STARTED = {
  pre: 'pre_process_started',
  plotter: 'plotter_started',
  post: 'post_process_started',
} as const;

/** A process runs: just started, or found again after a restart of the daemon. */
export function processLaunched(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  input: Launched,
): void {
  const { kind, pid, started_at = transaction.steady } = input;
  if (!isAt(worker, kind)) return;
  const run = runOf(transaction.state, worker);
  if (startOf(run, worker, kind) === null) {
    noteStart(transaction, run, worker, { kind, pid, at: started_at });
    transaction.tell(STARTED[kind], subjectOf(worker), { pid });
    fireBound(transaction, job, worker, { on: STARTED[kind] });
  }
  if (input.recovered) transaction.tell('worker_recovered', subjectOf(worker), {});
  if (isBeingStopped(run, worker, kind)) stopProcess(transaction, worker);
  else if (kind === 'plotter') plotterRuns(transaction, worker, job, input.recovered);
}

/** Whether the worker is busy with this process: what is told of another one is stale. */
function isAt(worker: WorkerState, kind: ProcessKind): boolean {
  return worker.step === kind && !worker.held;
}

/** When a process is known to have been started, on the steady clock. */
function startOf(run: RunState, worker: WorkerState, kind: ProcessKind): number | null {
  if (kind === 'post') return worker.post?.at ?? null;
  return run.process?.kind === kind ? run.process.at : null;
}

function noteStart(
  transaction: Transaction,
  run: RunState,
  worker: WorkerState,
  { kind, pid, at }: { kind: ProcessKind; pid: number; at: number },
): void {
  if (kind === 'post') return transaction.patchWorker(worker, { post: { pid, at, stopped_for: null } });
  transaction.patchRun(run, { process: { kind, pid, at } });
  transaction.patchWorker(worker, kind === 'plotter' ? plotterStart(transaction, run, worker, at) : {});
}

function plotterStart(
  transaction: Transaction,
  run: RunState,
  worker: WorkerState,
  now: number,
): Partial<WorkerState> {
  const at = clockOf(run, worker, now);
  const times = { plotter_started_at: now, pace_from: at, moved_at: at, leaf_at: at, phase_at: at };
  return { plotter_seq: transaction.state.seq, ...times };
}

/** A plotter that was found again may have missed the last word on its pause. */
function plotterRuns(transaction: Transaction, worker: WorkerState, job: JobState, recovered: boolean): void {
  const run = runOf(transaction.state, worker);
  if (run.suspended) return transaction.ask({ type: 'suspend', run: run.id });
  if (recovered) transaction.ask({ type: 'resume', run: run.id });
  progressMoved(transaction, worker, job);
}

/** A process could not be started at all. */
export function launchFailed(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  kind: ProcessKind,
  message: string,
): void {
  if (!isAt(worker, kind)) return;
  if (kind === 'post') return afterPost(transaction, worker, `post_command did not start: ${message}`);
  fail(transaction, worker, job, message);
}

/** The worker has failed: this is told now, its end when it is cleaned up. */
export function fail(transaction: Transaction, worker: WorkerState, job: JobState, error: string): void {
  if (!runOf(transaction.state, worker).dismissed) {
    transaction.patchWorker(worker, { failed: error, error, ...noMoreWaiting(transaction, worker) });
    transaction.tell('worker_failed', subjectOf(worker), { error });
    fireBound(transaction, job, worker, { on: 'worker_failed' });
  }
  proceed(transaction, worker);
}

/** Seconds that the plotter worked on a plot: those in which it was suspended don't count. */
function workedSeconds(run: RunState, worker: WorkerState, exit: ProcessExit): number {
  if (worker.plotter_started_at === null) return 0;
  return Math.max(0, Math.round(clockOf(run, worker, exit.ended_at) - worker.pace_from) / 1000);
}

function secondsSince(start: number | null, exit: ProcessExit): number {
  return start === null ? 0 : Math.max(0, Math.round(exit.ended_at - start) / 1000);
}

/** A run's pre-command or plotter has ended; everything that it said in its log is behind us. */
export function runsProcessExited(
  transaction: Transaction,
  run: RunState,
  job: JobState,
  input: Exited,
): void {
  const { kind, exit } = input;
  const concerned = workersOf(transaction.state, run.id).filter((worker) => isAt(worker, kind));
  if (concerned.length === 0) return;
  const started = run.process?.kind === kind ? run.process.at : null;
  transaction.patchRun(run, { process: null, ended_with: exit.ended_with ?? run.ended_with });
  const newest = newestOf(transaction.state, run.id);
  for (const worker of concerned)
    if (kind === 'pre') preExited(transaction, worker, job, input, secondsSince(started, exit));
    else plotterExited(transaction, worker, job, worker === newest ? input : { ...input, plot: null });
}

function preExited(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  input: Exited,
  duration_s: number,
): void {
  transaction.tell('pre_process_finished', subjectOf(worker), { exit_code: input.exit.code, duration_s });
  fireBound(transaction, job, worker, { on: 'pre_process_finished' });
  const { stopped_for } = runOf(transaction.state, worker);
  if (input.exit.code === 0 && stopped_for === null) proceed(transaction, worker);
  else fail(transaction, worker, job, stopped_for ?? howItEnded('pre_command', input));
}

/** A plotter has succeeded when it ended well, nothing fatal was said, and its final plot exists (contract, section 3). */
function plotterExited(transaction: Transaction, worker: WorkerState, job: JobState, input: Exited): void {
  const run = runOf(transaction.state, worker);
  const duration_s = workedSeconds(run, worker, input.exit);
  const definition = definitionOf(transaction.state, worker);
  const well = endedWell(definition, input.exit) && run.stopped_for === null && worker.fatal === null;
  const made = well && input.plot?.problem === null;
  const plot = made ? (input.plot?.file ?? null) : null;
  if (plot !== null) {
    transaction.change(['produced', plot, { worker: worker.id, seq: transaction.state.seq }]);
    // It may have waited until here, and said nothing since.
    plotterGoesOn(transaction, worker, job);
    finishPlot(transaction, worker, job);
    const plot_size = input.plot?.bytes ?? null;
    transaction.patchWorker(worker, { plot, plot_size, plot_duration_s: duration_s, error: null });
  } else {
    restProgress(transaction, worker);
    rememberSpoilt(transaction, worker, input.plot?.spoilt ?? []);
  }
  transaction.tell('plotter_finished', subjectOf(worker), { exit_code: input.exit.code, plot, duration_s });
  fireBound(transaction, job, worker, { on: 'plotter_finished' });
  if (plot !== null) proceed(transaction, worker);
  else fail(transaction, worker, job, whyNoPlot(run, worker, definition, input));
}

/** A worker's post-command has ended. */
export function postExited(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  input: Exited,
): void {
  if (!isAt(worker, 'post')) return;
  if (input.exit.ended_with)
    transaction.patchRun(runOf(transaction.state, worker), { ended_with: input.exit.ended_with });
  const duration_s = secondsSince(worker.post?.at ?? null, input.exit);
  transaction.tell('post_process_finished', subjectOf(worker), { exit_code: input.exit.code, duration_s });
  fireBound(transaction, job, worker, { on: 'post_process_finished' });
  const error = input.exit.code === 0 ? null : howItEnded('post_command', input);
  afterPost(transaction, worker, worker.post?.stopped_for ?? error);
}

/** The plot counts whatever the post-command did; its failure stays as the worker's error. */
function afterPost(transaction: Transaction, worker: WorkerState, error: string | null): void {
  transaction.patchWorker(worker, { error });
  proceed(transaction, worker);
}

/** Everything of the worker is cleaned up: it ends. */
export function workerCleaned(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  { problem, moved = false }: Cleaned,
): void {
  if (worker.step !== 'cleanup') return;
  endWorker(transaction, worker, job, { leftover: problem, moved });
}
