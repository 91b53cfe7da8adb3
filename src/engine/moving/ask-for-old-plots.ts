import { workersOfJob } from '../model/state.ts';
import { reconsider } from '../starting/reconsider.ts';
import type { Transaction } from '../transaction.ts';
import { beginWork } from '../working/steps.ts';

/** Workers of a job that wait for their old plot: those that may look for one now do, and then the next ones start. */
export function askForOldPlots(transaction: Transaction, id: string): void {
  const job = transaction.state.jobs.get(id);
  if (!job) return;
  for (const worker of workersOfJob(transaction.state, id))
    if (worker.step === 'replot_find' && !worker.held && !transaction.memory.seeking.has(worker.id))
      beginWork(transaction, worker);
  reconsider(transaction, job);
}
