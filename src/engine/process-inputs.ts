import type { ProcessKind } from '../process/files.ts';
import type { Input } from './inputs.ts';
import { newestOf, runOf } from './model/state.ts';
import type { Transaction } from './transaction.ts';
import { launchFailed, postExited, processLaunched, runsProcessExited } from './working/lifecycle.ts';
import { logSaid } from './working/plotter-log.ts';
import { logOverflowed } from './working/stopping.ts';

/** What concerns a run that is gone is stale and does nothing. */
export function takeForRun(transaction: Transaction, input: Extract<Input, { run: string }>): void {
  const run = transaction.state.runs.get(input.run);
  const job = run && transaction.state.jobs.get(run.job);
  if (!run || !job) return;
  if (input.type === 'refused') return transaction.patchRun(run, { refused: input.refused });
  logSaid(transaction, run, job, input);
}

type ProcessInput = Extract<Input, { kind: ProcessKind }>;

/** What a run's process does is its newest worker's business; its end is that of all who wait for it. */
export function takeForProcess(transaction: Transaction, input: ProcessInput): void {
  const { state } = transaction;
  const worker = input.kind === 'post' ? state.workers.get(input.owner) : newestOf(state, input.owner);
  const job = worker && state.jobs.get(worker.job);
  if (!worker || !job) return;
  switch (input.type) {
    case 'launched':
      return processLaunched(transaction, worker, job, input);
    case 'launch_failed':
      return launchFailed(transaction, worker, job, input.kind, input.message);
    case 'overflowed':
      return logOverflowed(transaction, worker, input.kind, input.bytes);
    case 'exited':
      return input.kind === 'post'
        ? postExited(transaction, worker, job, input)
        : runsProcessExited(transaction, runOf(state, worker), job, input);
    default:
      input satisfies never;
  }
}
