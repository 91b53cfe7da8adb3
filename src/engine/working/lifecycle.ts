import type { ProcessKind } from '../../process/files.ts';
import { subjectOf } from '../event-subject.ts';
import type { Exited, Launched, ProcessExit } from '../inputs.ts';
import { fireBound } from '../jobs/named-events.ts';
import type { JobState } from '../model/job-state.ts';
import type { WorkerState, WorkerStep } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { endWorker } from './ending.ts';
import { noMoreWaiting, plotterGoesOn } from './plotter-waits.ts';
import { howItEnded, whyNoPlot } from './failure-messages.ts';
import { finishPlot, progressMoved, restProgress } from './plotter-log.ts';
import { clockOf } from './progress.ts';
import { enterStep, proceed } from './steps.ts';

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
  if (worker.process === null) {
    const start = kind === 'plotter' ? plotterStart(transaction, worker, started_at) : {};
    transaction.patchWorker(worker, { process: { kind, pid, at: started_at }, ...start });
    transaction.tell(STARTED[kind], subjectOf(worker), { pid });
    fireBound(transaction, job, worker, { on: STARTED[kind] });
  }
  if (input.recovered) transaction.tell('worker_recovered', subjectOf(worker), {});
  if (isBeingStopped(worker)) stopProcess(transaction, worker);
  else if (kind === 'plotter') plotterRuns(transaction, worker, job, input.recovered);
}

/** Whether the worker is busy with this process: what is told of another one is stale. */
function isAt(worker: WorkerState, kind: ProcessKind): boolean {
  return worker.step === kind && !worker.held;
}

function plotterStart(transaction: Transaction, worker: WorkerState, now: number): Partial<WorkerState> {
  const at = clockOf(worker, now);
  const times = { plotter_started_at: now, pace_from: at, moved_at: at, leaf_at: at, phase_at: at };
  return { plotter_seq: transaction.state.seq, ...times };
}

/** On request, or because it went wrong: what is found again then is stopped again. */
function isBeingStopped(worker: WorkerState): boolean {
  return worker.dismissed || worker.stopped_for !== null;
}

function stopProcess(transaction: Transaction, worker: WorkerState): void {
  transaction.ask({ type: 'terminate', worker: worker.id, grace_s: worker.spec.stop_grace_s });
}

/** A log that grows without end fills a disk that others need: its process is stopped, which fails the worker. */
export function logOverflowed(
  transaction: Transaction,
  worker: WorkerState,
  kind: ProcessKind,
  bytes: number,
): void {
  if (!isAt(worker, kind) || isBeingStopped(worker)) return;
  const stopped_for = `${WHAT[kind]} was stopped: its log has ${inGib(bytes)} GiB, more than it may`;
  transaction.patchWorker(worker, { stopped_for, error: stopped_for, ...noMoreWaiting(transaction, worker) });
  stopProcess(transaction, worker);
}

const WHAT = { pre: 'pre_command', plotter: 'the plotter', post: 'post_command' } as const;

function inGib(bytes: number): number {
  return Math.round((bytes / 2 ** 30) * 10) / 10;
}

/** A plotter that was found again may have missed the last word on its pause. */
function plotterRuns(transaction: Transaction, worker: WorkerState, job: JobState, recovered: boolean): void {
  if (worker.suspended) return transaction.ask({ type: 'suspend', worker: worker.id });
  if (recovered) transaction.ask({ type: 'resume', worker: worker.id });
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
  if (!worker.dismissed) {
    transaction.patchWorker(worker, { failed: error, error, ...noMoreWaiting(transaction, worker) });
    transaction.tell('worker_failed', subjectOf(worker), { error });
    fireBound(transaction, job, worker, { on: 'worker_failed' });
  }
  proceed(transaction, worker);
}

/** Seconds that the plotter worked: those in which it was suspended don't count. */
function workedSeconds(worker: WorkerState, exit: ProcessExit): number {
  if (worker.plotter_started_at === null) return 0;
  return Math.max(0, Math.round(clockOf(worker, exit.ended_at) - worker.pace_from) / 1000);
}

function secondsSince(start: number | undefined, exit: ProcessExit): number {
  return start === undefined ? 0 : Math.max(0, Math.round(exit.ended_at - start) / 1000);
}

/** A process has ended; everything that it said in its log is behind us. */
export function processExited(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  input: Exited,
): void {
  if (!isAt(worker, input.kind)) return;
  if (input.exit.ended_with) transaction.patchWorker(worker, { ended_with: input.exit.ended_with });
  switch (input.kind) {
    case 'pre':
      return preExited(transaction, worker, job, input);
    case 'plotter':
      return plotterExited(transaction, worker, job, input);
    case 'post':
      return postExited(transaction, worker, job, input);
    default:
      input.kind satisfies never;
  }
}

function preExited(transaction: Transaction, worker: WorkerState, job: JobState, input: Exited): void {
  const duration_s = secondsSince(worker.process?.at, input.exit);
  transaction.tell('pre_process_finished', subjectOf(worker), { exit_code: input.exit.code, duration_s });
  fireBound(transaction, job, worker, { on: 'pre_process_finished' });
  const { stopped_for } = worker;
  if (input.exit.code === 0 && stopped_for === null) proceed(transaction, worker);
  else fail(transaction, worker, job, stopped_for ?? howItEnded('pre_command', input));
}

/** A plotter has succeeded when it exited 0 and its final plot exists (contract, section 3). */
function plotterExited(transaction: Transaction, worker: WorkerState, job: JobState, input: Exited): void {
  const duration_s = workedSeconds(worker, input.exit);
  const made = input.exit.code === 0 && worker.stopped_for === null && input.plot?.problem === null;
  const plot = made ? (input.plot?.file ?? null) : null;
  if (plot !== null) {
    transaction.change(['produced', plot, { worker: worker.id, seq: transaction.state.seq }]);
    // It may have waited until here, and said nothing since.
    plotterGoesOn(transaction, worker, job);
    finishPlot(transaction, worker, job);
    transaction.patchWorker(worker, { plot, plot_duration_s: duration_s, error: null });
  } else {
    restProgress(transaction, worker);
  }
  transaction.tell('plotter_finished', subjectOf(worker), { exit_code: input.exit.code, plot, duration_s });
  fireBound(transaction, job, worker, { on: 'plotter_finished' });
  if (plot !== null) proceed(transaction, worker);
  else fail(transaction, worker, job, whyNoPlot(worker, input));
}

function postExited(transaction: Transaction, worker: WorkerState, job: JobState, input: Exited): void {
  const duration_s = secondsSince(worker.process?.at, input.exit);
  transaction.tell('post_process_finished', subjectOf(worker), { exit_code: input.exit.code, duration_s });
  fireBound(transaction, job, worker, { on: 'post_process_finished' });
  const error = input.exit.code === 0 ? null : howItEnded('post_command', input);
  afterPost(transaction, worker, worker.stopped_for ?? error);
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
  problem: string | null,
): void {
  if (worker.step !== 'cleanup') return;
  endWorker(transaction, worker, job, problem);
}

/** Stops a worker on request: its process first, then it is cleaned up. */
export function dismiss(transaction: Transaction, worker: WorkerState): void {
  if (worker.dismissed) return;
  const running = isProcessStep(worker.step) && !worker.held;
  transaction.patchWorker(worker, { dismissed: true, ...noMoreWaiting(transaction, worker) });
  // One that looks for an old plot has done nothing yet: what is found for it is stale then.
  if (worker.held || worker.step === 'replot_find') enterStep(transaction, worker, 'cleanup');
  else if (running) stopProcess(transaction, worker);
}

function isProcessStep(step: WorkerStep): step is ProcessKind {
  return step === 'pre' || step === 'plotter' || step === 'post';
}
