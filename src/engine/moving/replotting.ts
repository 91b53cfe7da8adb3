import { withoutValue } from '../model/collections.ts';
import { creditOf, withCredit } from './credit.ts';
import type { FoundPlot, PlotOutcome } from '../inputs.ts';
import { fail } from '../working/lifecycle.ts';
import { isQueueing } from '../starting/probation.ts';
import { releasePending } from '../starting/starts.ts';
import type { JobState, ReplotRoom, State, WorkerState } from '../model/state.ts';
import { beginWork, proceed } from '../working/steps.ts';
import { subjectOf, type Turn } from '../transaction.ts';

/** The old plot that makes room, if there is one old enough. */
export function replotFound(turn: Turn, worker: WorkerState, job: JobState, found: FoundPlot): void {
  const sought = turn.memory.seeking.has(worker.id);
  turn.memory.seeking = withoutValue(turn.memory.seeking, worker.id);
  if (worker.step !== 'replot_find' || worker.held || !sought) return;
  switch (found.kind) {
    case 'plot':
      turn.patchWorker(worker, { replot: found.plot });
      // Before it goes it is known which one does: after a loss of power no second one is looked for.
      turn.flush();
      return proceed(turn, worker);
    case 'credit':
      return useCredit(turn, worker, job, found.filesystem);
    case 'refused':
      return keepPlots(turn, worker, job, found.reason);
    case 'none':
      proceed(turn, worker);
      return askForOldPlots(turn, job.id);
    default:
      found satisfies never;
  }
}

/** Whether a worker takes what was removed for plots that never came: once, before it looks for more. */
export function takesCredit(state: State, worker: WorkerState, filesystem: string): boolean {
  return worker.replot_room === null && creditOf(state, worker.job, filesystem).length > 0;
}

/**
 * A plot was removed before for one that never came: its room is still there. Where one more has to go, the room of
 * none of them is: the worker takes them all, and looks for that one beside them.
 */
function useCredit(turn: Turn, worker: WorkerState, job: JobState, filesystem: string): void {
  const credit = creditOf(turn.state, job.id, filesystem);
  // Another worker was faster.
  if (credit.length === 0) return beginWork(turn, worker);
  const more = worker.replot_more;
  const taken = more ? credit.length : 1;
  const own = job.replot_credit[filesystem] ?? [];
  const left = credit.slice(own.length);
  turn.patchJob(job, { replot_credit: withCredit(job.replot_credit, filesystem, own.slice(taken)) });
  if (taken > own.length)
    leaveBehind(turn, withCredit(turn.state.left_credit, filesystem, left.slice(taken - own.length)));
  turn.patchWorker(worker, {
    replot_room: roomWith(worker, filesystem, credit.slice(0, taken)),
    replot_more: false,
  });
  if (more) return beginWork(turn, worker);
  proceed(turn, worker);
}

function roomWith({ replot_room }: WorkerState, filesystem: string, sizes: number[]): ReplotRoom {
  return { filesystem, sizes: [...(replot_room?.sizes ?? []), ...sizes] };
}

function leaveBehind(turn: Turn, left_credit: Record<string, number[]>): void {
  turn.change(['meta', { left_credit }]);
}

/** The credit of a job that goes is there for whichever comes next: the room on the disk is. */
export function passOnCredit(turn: Turn, { replot_credit }: JobState): void {
  let left = turn.state.left_credit;
  for (const [filesystem, sizes] of Object.entries(replot_credit))
    left = withCredit(left, filesystem, [...(left[filesystem] ?? []), ...sizes]);
  if (left !== turn.state.left_credit) leaveBehind(turn, left);
}

/** No plot may go: the worker goes on without, as where none is old enough, and its job says why. */
function keepPlots(turn: Turn, worker: WorkerState, job: JobState, reason: string): void {
  turn.patchWorker(worker, { replot_refused: reason });
  turn.patchJob(job, { last_error: reason });
  proceed(turn, worker);
  askForOldPlots(turn, job.id);
}

/** The old plot is gone (or was gone already, after a crash), or stays. */
export function replotRemoved(turn: Turn, worker: WorkerState, job: JobState, outcome: PlotOutcome): void {
  if (worker.step !== 'replot_remove' || worker.held || worker.replot === null) return;
  if (outcome.kind === 'kept') return keepPlots(turn, worker, job, outcome.reason);
  if (outcome.kind === 'failed')
    return fail(turn, worker, job, `the old plot could not be removed: ${outcome.reason}`);
  const { file, size, filesystem = '' } = worker.replot;
  turn.patchWorker(worker, { replot_room: roomWith(worker, filesystem, [size]) });
  turn.tell('replot_removed', subjectOf(worker), { file, size });
  proceed(turn, worker);
}

/** What was removed for a plot that never came stays a credit for the next worker of the same job. */
export function leaveCredit(turn: Turn, worker: WorkerState, job: JobState): void {
  turn.memory.seeking = withoutValue(turn.memory.seeking, worker.id);
  if (worker.plot !== null || worker.replot_room === null) return;
  const { filesystem, sizes } = worker.replot_room;
  const present = job.replot_credit[filesystem] ?? [];
  turn.patchJob(job, { replot_credit: withCredit(job.replot_credit, filesystem, [...present, ...sizes]) });
}

/** Workers of a job that wait for their old plot: those that may look for one now do, and then the next ones start. */
export function askForOldPlots(turn: Turn, id: string): void {
  const job = turn.state.jobs.get(id);
  if (!job) return;
  for (const worker of turn.state.slots.get(id)?.values() ?? [])
    if (worker.step === 'replot_find' && !worker.held && !turn.memory.seeking.has(worker.id))
      beginWork(turn, worker);
  if (job.blocked === 'none' && !isQueueing(turn, job)) releasePending(turn, job);
}
