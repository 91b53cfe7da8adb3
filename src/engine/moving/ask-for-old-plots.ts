import { workersOfJob } from '../model/state.ts';
import { reconsider } from '../starting/reconsider.ts';
import type { Transaction } from '../transaction.ts';
import { beginReplot, replotStepOf } from '../working/steps.ts';

/** Workers of a job that wait for their old plot: those that may look for one now do, and then the next ones start. */
export function askForOldPlots(transaction: Transaction, id: string): void {
  seekOldPlots(transaction, id);
  const job = transaction.state.jobs.get(id);
  if (job) reconsider(transaction, job);
}

/** The same, where the caller sees to those that start next. */
export function seekOldPlots(transaction: Transaction, id: string): void {
  for (const worker of workersOfJob(transaction.state, id))
    if (replotStepOf(worker) === 'replot_find' && !transaction.memory.seeking.has(worker.id))
      beginReplot(transaction, worker);
}
