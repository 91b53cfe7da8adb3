import { basename } from 'node:path';
import { subjectOf } from '../event-subject.ts';
import type { FoundPlots, PlotOutcome } from '../inputs.ts';
import { withKey, withoutValue } from '../model/collections.ts';
import type { JobState } from '../model/job-state.ts';
import type { ReplotRoom, WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { fail } from '../working/lifecycle.ts';
import { beginReplot, isToEnd, replotStepDone, replotStepOf } from '../working/steps.ts';
import { noteWritten } from '../working/written-bytes.ts';
import { askForOldPlots } from './ask-for-old-plots.ts';
import { takeCredit } from './credit.ts';
import { tellDryRun } from './dry-run.ts';
import { destinationFileSystem } from './missing-room.ts';
import { namesInHand } from './names-in-hand.ts';
import { withOneMore } from './pace.ts';

type Chosen = Extract<FoundPlots, { kind: 'chosen' }>;

/** The old plots that go for a worker's plot, if any do. */
export function replotFound(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  found: FoundPlots,
): void {
  const sought = transaction.memory.seeking.has(worker.id);
  transaction.memory.seeking = withoutValue(transaction.memory.seeking, worker.id);
  transaction.touchJob(job.id);
  if (replotStepOf(worker) !== 'replot_find' || !sought) return;
  switch (found.kind) {
    case 'chosen':
      return choose(transaction, worker, job, found);
    case 'dry_run':
      tellDryRun(transaction, job, subjectOf(worker), found.plots);
      return goOnWithout(transaction, worker, job);
    case 'refused':
      return keepPlots(transaction, worker, job, found.reason);
    case 'none':
      return goOnWithout(transaction, worker, job);
    default:
      found satisfies never;
  }
}

/** All that go are written down together, and what was removed for plots that never came and counts for this one. */
function choose(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  { plots, credit, filesystem }: Chosen,
): void {
  // Where another worker or a move was faster, what is left is looked at anew.
  const inHand = namesInHand(transaction.state, worker);
  if (plots.some(({ file }) => inHand.has(basename(file)))) return beginReplot(transaction, worker);
  if (!takeCredit(transaction, job, filesystem, credit)) return beginReplot(transaction, worker);
  transaction.patchWorker(worker, {
    replot: plots,
    ...(credit.length === 0 ? {} : { replot_room: roomWith(worker, filesystem, credit) }),
  });
  if (plots.length === 0) return goOnWithout(transaction, worker, job);
  // Before they go it is known which ones do: after a loss of power no others are looked for.
  transaction.flush();
  replotStepDone(transaction, worker);
}

function roomWith({ replot_room }: WorkerState, filesystem: string, sizes: number[]): ReplotRoom {
  return { filesystem, sizes: [...(replot_room?.sizes ?? []), ...sizes] };
}

/** No plot goes any more for this worker; others of its job need not wait for that. */
function goOnWithout(transaction: Transaction, worker: WorkerState, job: JobState): void {
  replotStepDone(transaction, worker);
  askForOldPlots(transaction, job.id);
}

/** No plot may go: the worker goes on without, as where none is old enough, and its job says why. */
function keepPlots(transaction: Transaction, worker: WorkerState, job: JobState, reason: string): void {
  transaction.patchWorker(worker, { replot_refused: reason, replot: [] });
  transaction.patchJob(job, { last_error: reason });
  goOnWithout(transaction, worker, job);
}

/** An old plot is gone (or was gone already, after a crash), or stays. */
export function replotRemoved(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  { file, outcome }: { file: string; outcome: PlotOutcome },
): void {
  const [plot, ...rest] = worker.replot;
  if (replotStepOf(worker) !== 'replot_remove' || plot?.file !== file) return;
  if (outcome.kind === 'kept') return keepPlots(transaction, worker, job, outcome.reason);
  if (outcome.kind === 'failed') {
    const reason = `the old plot could not be removed: ${outcome.reason}`;
    // A plot that is in the making is not given up for that.
    return worker.beside === null
      ? fail(transaction, worker, job, reason)
      : keepPlots(transaction, worker, job, reason);
  }
  const { size, filesystem = '' } = plot;
  transaction.patchWorker(worker, { replot: rest, replot_room: roomWith(worker, filesystem, [size]) });
  transaction.change(['meta', { replot_pace: withOneMore(transaction.state.replot_pace, transaction.now) }]);
  const there = destinationFileSystem(worker);
  if (there !== null)
    transaction.memory.clearedAt = withKey(transaction.memory.clearedAt, there, transaction.steady);
  transaction.tell('replot_removed', subjectOf(worker), { file, size, move: null });
  noteWritten(transaction, worker, file, -size);
  // Whoever waits for its end gets it before the next one goes.
  if (rest.length > 0 && !isToEnd(transaction, worker)) return beginReplot(transaction, worker);
  replotStepDone(transaction, worker);
}
