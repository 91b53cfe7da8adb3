import type { RunState } from '../model/run-state.ts';
import { newestOf, plotsToCome, workersOf } from '../model/state.ts';
import { reconsider } from '../starting/reconsider.ts';
import type { Transaction } from '../transaction.ts';
import { definitionOfRun } from './stages.ts';
import { stopProcess } from './stopping.ts';

/** A run that would make further plots ends after the one that it makes (contract, section 12). */
export function endAfterPresentPlot(transaction: Transaction, run: RunState): void {
  const newest = newestOf(transaction.state, run.id);
  if (!newest || plotsToCome(transaction.state, run) === 0) return;
  transaction.patchRun(run, { ends_after: newest.nth });
  askToFinish(transaction, run);
  // Plots that it won't make others may.
  reconsider(transaction, 'all');
}

/**
 * Asks a plotter that knows how to end after its present plot, once that has begun: before, it may not listen yet. It
 * can be asked for again after a crash. Another one is stopped when its next plot begins.
 */
export function askToFinish(transaction: Transaction, run: RunState): void {
  const signal = definitionOfRun(transaction.state, run).several?.finish;
  if (signal === undefined || run.process?.kind !== 'plotter') return;
  if (run.ends_after !== null && run.begun === run.ends_after)
    transaction.ask({ type: 'finish', run: run.id, signal });
}

/** Whether a plot that begins now is more than its run is to make. */
export function isTooMany({ ends_after }: RunState, nth: number): boolean {
  return ends_after !== null && nth > ends_after;
}

/**
 * Stops a run that ends early, and whose next plot has begun, once the last one that counts is in its place. Those that
 * had begun by then are given up, which is no failure.
 */
export function stopWhereOver(transaction: Transaction, run: RunState): void {
  const { ends_after } = run;
  if (ends_after === null || run.is_over || run.dismissed || run.begun <= ends_after) return;
  const working = workersOf(transaction.state, run.id).filter(({ step }) => step === 'plotter');
  const newest = newestOf(transaction.state, run.id);
  const isWaitedFor = working.some((worker) => worker.nth <= ends_after && worker !== newest);
  if (!newest || isWaitedFor) return;
  transaction.patchRun(run, { is_over: true });
  for (const worker of working)
    if (isTooMany(run, worker.nth)) transaction.patchWorker(worker, { dismissed: true });
  stopProcess(transaction, newest);
}
