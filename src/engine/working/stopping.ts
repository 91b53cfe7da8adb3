import type { ProcessKind } from '../../process/files.ts';
import { withKey } from '../model/collections.ts';
import { processOf } from '../model/process-ref.ts';
import type { RunState } from '../model/run-state.ts';
import { newestOf, runOf, workersOf } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { noMoreWaiting } from './plotter-waits.ts';
import { enterStep } from './steps.ts';

/** On request, or because it went wrong: what is found again then is stopped again. */
export function isBeingStopped(run: RunState, worker: WorkerState, kind: ProcessKind): boolean {
  if (run.dismissed || (kind !== 'post' && run.is_over)) return true;
  return whyStopped(run, worker, kind) !== null;
}

function whyStopped(run: RunState, worker: WorkerState, kind: ProcessKind): string | null {
  return kind === 'post' ? (worker.post?.stopped_for ?? null) : run.stopped_for;
}

/** Ends the process that a worker's present step is about. */
export function stopProcess(transaction: Transaction, worker: WorkerState): void {
  const process = processOf(worker);
  const { stop_grace_s: grace_s } = runOf(transaction.state, worker).spec;
  if (process) transaction.ask({ type: 'terminate', ...process, grace_s });
}

/** A log that grows without end fills a disk that others need: its process is stopped, which fails the worker. */
export function logOverflowed(
  transaction: Transaction,
  worker: WorkerState,
  kind: ProcessKind,
  bytes: number,
): void {
  const run = runOf(transaction.state, worker);
  if (worker.step !== kind || worker.held || isBeingStopped(run, worker, kind)) return;
  const stopped_for = `${WHAT[kind]} was stopped: its log has ${inGib(bytes)} GiB, more than it may`;
  if (kind !== 'post') transaction.patchRun(run, { stopped_for });
  transaction.patchWorker(worker, {
    error: stopped_for,
    ...(kind === 'post' && worker.post ? { post: { ...worker.post, stopped_for } } : {}),
    ...noMoreWaiting(transaction, worker),
  });
  stopProcess(transaction, worker);
}

const WHAT = { pre: 'pre_command', plotter: 'the plotter', post: 'post_command' } as const;

function inGib(bytes: number): number {
  return Math.round((bytes / 2 ** 30) * 10) / 10;
}

/** A command is answered when these runs and transfers have ended. */
export function waitForEnds(transaction: Transaction, ticket: number, all: readonly { id: string }[]): void {
  const ids = new Set(all.map(({ id }) => id));
  transaction.memory.dismissals = withKey(transaction.memory.dismissals, ticket, ids);
}

/** Stops a run and all its workers on request: their processes first, then each is cleaned up. */
export function dismiss(transaction: Transaction, run: RunState): void {
  if (run.dismissed) return;
  transaction.patchRun(run, { dismissed: true });
  const newest = newestOf(transaction.state, run.id);
  for (const worker of workersOf(transaction.state, run.id)) {
    transaction.patchWorker(worker, { ...noMoreWaiting(transaction, worker), stalled_s: null });
    // One that looks for an old plot has done nothing yet: what is found for it is stale then.
    if (worker.held || worker.step === 'replot_find') enterStep(transaction, worker, 'cleanup');
    // A second signal means something else to some plotters: the one that they share gets one.
    else if (worker.step !== 'plotter' || worker === newest) stopProcess(transaction, worker);
  }
}
