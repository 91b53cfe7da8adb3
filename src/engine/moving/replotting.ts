import { subjectOf } from '../event-subject.ts';
import type { FoundPlot, PlotOutcome } from '../inputs.ts';
import { withoutValue } from '../model/collections.ts';
import type { JobState } from '../model/job-state.ts';
import type { ReplotRoom, WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { fail } from '../working/lifecycle.ts';
import { beginWork, proceed } from '../working/steps.ts';
import { noteWritten } from '../working/written-bytes.ts';
import { askForOldPlots } from './ask-for-old-plots.ts';
import { creditOf, leaveBehind, withCredit } from './credit.ts';

/** The old plot that makes room, if there is one old enough. */
export function replotFound(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  found: FoundPlot,
): void {
  const sought = transaction.memory.seeking.has(worker.id);
  transaction.memory.seeking = withoutValue(transaction.memory.seeking, worker.id);
  transaction.touchJob(job.id);
  if (worker.step !== 'replot_find' || worker.held || !sought) return;
  switch (found.kind) {
    case 'plot':
      transaction.patchWorker(worker, { replot: found.plot });
      // Before it goes it is known which one does: after a loss of power no second one is looked for.
      transaction.flush();
      return proceed(transaction, worker);
    case 'credit':
      return useCredit(transaction, worker, job, found.filesystem);
    case 'refused':
      return keepPlots(transaction, worker, job, found.reason);
    case 'none':
      proceed(transaction, worker);
      return askForOldPlots(transaction, job.id);
    default:
      found satisfies never;
  }
}

/**
 * A plot was removed before for one that never came: its room is still there. Where one more has to go, the room of
 * none of them is: the worker takes them all, and looks for that one beside them.
 */
function useCredit(transaction: Transaction, worker: WorkerState, job: JobState, filesystem: string): void {
  const credit = creditOf(transaction.state, job.id, filesystem);
  // Another worker was faster.
  if (credit.length === 0) return beginWork(transaction, worker);
  const more = worker.replot_more;
  const taken = more ? credit.length : 1;
  const own = job.replot_credit[filesystem] ?? [];
  const left = credit.slice(own.length);
  transaction.patchJob(job, { replot_credit: withCredit(job.replot_credit, filesystem, own.slice(taken)) });
  if (taken > own.length)
    leaveBehind(
      transaction,
      withCredit(transaction.state.left_credit, filesystem, left.slice(taken - own.length)),
    );
  transaction.patchWorker(worker, {
    replot_room: roomWith(worker, filesystem, credit.slice(0, taken)),
    replot_more: false,
  });
  if (more) return beginWork(transaction, worker);
  proceed(transaction, worker);
}

function roomWith({ replot_room }: WorkerState, filesystem: string, sizes: number[]): ReplotRoom {
  return { filesystem, sizes: [...(replot_room?.sizes ?? []), ...sizes] };
}

/** No plot may go: the worker goes on without, as where none is old enough, and its job says why. */
function keepPlots(transaction: Transaction, worker: WorkerState, job: JobState, reason: string): void {
  transaction.patchWorker(worker, { replot_refused: reason });
  transaction.patchJob(job, { last_error: reason });
  proceed(transaction, worker);
  askForOldPlots(transaction, job.id);
}

/** The old plot is gone (or was gone already, after a crash), or stays. */
export function replotRemoved(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  outcome: PlotOutcome,
): void {
  if (worker.step !== 'replot_remove' || worker.held || worker.replot === null) return;
  if (outcome.kind === 'kept') return keepPlots(transaction, worker, job, outcome.reason);
  if (outcome.kind === 'failed')
    return fail(transaction, worker, job, `the old plot could not be removed: ${outcome.reason}`);
  const { file, size, filesystem = '' } = worker.replot;
  transaction.patchWorker(worker, { replot_room: roomWith(worker, filesystem, [size]) });
  transaction.tell('replot_removed', subjectOf(worker), { file, size });
  noteWritten(transaction, worker, file, -size);
  proceed(transaction, worker);
}
