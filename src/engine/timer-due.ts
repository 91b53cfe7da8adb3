import { lookAtRule } from './jobs/hold-rules.ts';
import { holdDue } from './jobs/hold-times.ts';
import { delayDue } from './jobs/named-events.ts';
import type { JobState } from './model/job-state.ts';
import { runOf } from './model/state.ts';
import type { WorkerState } from './model/worker-state.ts';
import { considerMove } from './moving/begin-transfers.ts';
import { transferDue } from './moving/transfers.ts';
import { askForOldPlots } from './moving/ask-for-old-plots.ts';
import { apartDue } from './starting/limits/follow-limits.ts';
import { keepDue } from './starting/keep-running.ts';
import { lookForOtherDisk } from './starting/places/other-disk.ts';
import { recheck, reconsider } from './starting/reconsider.ts';
import type { Timer } from './timer.ts';
import type { Transaction } from './transaction.ts';
import { energyDue } from './working/energy.ts';
import { progressMoved } from './working/plotter-log.ts';
import { silenceDue } from './working/stalled.ts';

/** Something is due; of what is gone it is stale. */
export function timerDue(transaction: Transaction, timer: Timer): void {
  switch (timer.kind) {
    case 'delay':
      return delayDue(transaction, timer.id);
    case 'progress':
      return withWorker(transaction, timer.worker, (worker, job) => progressMoved(transaction, worker, job));
    case 'silence':
      return withWorker(transaction, timer.worker, (worker, job) => silenceDue(transaction, worker, job));
    case 'recheck':
      return withJob(transaction, timer.job, (job) => recheck(transaction, job));
    case 'old_plots':
      return askForOldPlots(transaction, timer.job);
    case 'keep_running':
      return withJob(transaction, timer.job, (job) => {
        keepDue(transaction, job);
        reconsider(transaction, job);
      });
    case 'farm_hold':
      return holdDue(transaction, 'farm', timer.name);
    case 'job_hold':
      return withJob(transaction, timer.job, (job) => holdDue(transaction, job, timer.name));
    case 'hold_rule':
      return lookAtRule(transaction, timer.name);
    case 'other_disk':
      return withJob(transaction, timer.job, (job) => lookForOtherDisk(transaction, job));
    case 'apart':
      return apartDue(transaction, timer.limit);
    case 'energy':
      return energyDue(transaction);
    case 'move': {
      const move = transaction.state.moves.get(timer.move);
      return move && considerMove(transaction, move);
    }
    case 'transfer': {
      const transfer = transaction.state.transfers.get(timer.transfer);
      return transfer && transferDue(transaction, transfer);
    }
    case 'history':
      return askForHistory(transaction);
    default:
      timer satisfies never;
  }
}

function withJob(transaction: Transaction, id: string, act: (job: JobState) => void): void {
  const job = transaction.state.jobs.get(id);
  if (job) act(job);
}

function withWorker(
  transaction: Transaction,
  id: string,
  act: (worker: WorkerState, job: JobState) => void,
): void {
  const worker = transaction.state.workers.get(id);
  const job = worker && transaction.state.jobs.get(worker.job);
  if (!worker || !job || worker.step !== 'plotter') return;
  if (!runOf(transaction.state, worker).suspended) act(worker, job);
}

/** Lines of ended workers that aren't in the history yet are to be written. */
export function askForHistory(transaction: Transaction): void {
  if (transaction.state.history.size > 0) transaction.ask({ type: 'history' });
}
