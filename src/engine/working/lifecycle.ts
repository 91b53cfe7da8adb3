import type { ProcessKind } from '../../process/files.ts';
import { subjectOf } from '../event-subject.ts';
import type { Cleaned, Exited, Launched, ProcessExit } from '../inputs.ts';
import { fireBound } from '../jobs/named-events.ts';
import type { JobState } from '../model/job-state.ts';
import type { RunState } from '../model/run-state.ts';
import { isDismissed, newestOf, runOf, workersOf } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { endWorker } from './ending.ts';
import { howItEnded } from './failure-messages.ts';
import { askToFinish } from './finishing.ts';
import { lookAtOlder } from './next-plot.ts';
import { plotterExited } from './plot-made.ts';
import { progressMoved } from './plotter-log.ts';
import { noMoreWaiting } from './plotter-waits.ts';
import { plotterStart } from './plotter-start.ts';
import { watchSilence } from './stalled.ts';
import { beginWork, proceed } from './steps.ts';
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
  if (input.recovered)
    for (const each of recoveredWith(transaction, run, worker, kind))
      transaction.tell('worker_recovered', subjectOf(each), {});
  if (isBeingStopped(run, worker, kind)) stopProcess(transaction, worker);
  else if (kind === 'plotter') plotterRuns(transaction, worker, job, input.recovered);
}

/** The workers whose process it is: a plotter's is that of all whose plots are on their way. */
function recoveredWith(
  { state }: Transaction,
  run: RunState,
  worker: WorkerState,
  kind: ProcessKind,
): readonly WorkerState[] {
  return kind === 'plotter' ? workersOf(state, run.id).filter((each) => isAt(each, kind)) : [worker];
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
  transaction.patchWorker(worker, kind === 'plotter' ? plotterStart(transaction, run, at) : {});
}

/** A plotter that was found again may have missed the last word on its pause. */
function plotterRuns(transaction: Transaction, worker: WorkerState, job: JobState, recovered: boolean): void {
  const run = runOf(transaction.state, worker);
  if (recovered) askToFinish(transaction, run);
  if (recovered) for (const each of workersOf(transaction.state, run.id)) lookAtOlder(transaction, run, each);
  if (run.suspended) return transaction.ask({ type: 'suspend', run: run.id });
  for (const each of workersOf(transaction.state, run.id)) watchSilence(transaction, each, job);
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
  if (!isDismissed(transaction.state, worker)) {
    transaction.patchWorker(worker, { failed: error, error, ...noMoreWaiting(transaction, worker) });
    transaction.tell('worker_failed', subjectOf(worker), { error });
    fireBound(transaction, job, worker, { on: 'worker_failed' });
  }
  proceed(transaction, worker);
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
  const plotOf = (worker: WorkerState) =>
    worker === newest ? input.plot : (input.older?.get(worker.id) ?? null);
  for (const worker of concerned)
    if (kind === 'pre') preExited(transaction, worker, job, input, secondsSince(started, exit));
    else plotterExited(transaction, worker, job, { ...input, plot: plotOf(worker) });
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
  { problem, moved = false, last = true }: Cleaned,
): void {
  if (worker.step !== 'cleanup') return;
  // Others of its run have ended meanwhile: now all of that goes.
  if (!last && workersOf(transaction.state, worker.run).length === 1) return beginWork(transaction, worker);
  endWorker(transaction, worker, job, { leftover: problem, moved });
}
