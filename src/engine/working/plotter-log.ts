import type { Signal } from '../../plotters/signal.ts';
import type { StagePlan } from '../../plotters/stages.ts';
import { type Crossing, crossings } from './crossing.ts';
import { boundPercents, fireBound } from '../jobs/named-events.ts';
import { definitionOf, planOf, plotFile } from './stages.ts';
import { getsOn, noMoreWaiting, plotterGoesOn, plotterWaits } from './plotter-waits.ts';
import { clockOf, percentage, progressAt } from './progress.ts';
import type { JobState, WorkerState } from '../model/state.ts';
import { subjectOf, type Turn } from '../transaction.ts';

/** Progress by time is looked at in whole steps of this, so that many workers share a wake-up. */
const LOOK_STEP_MS = 1000;

/** Takes in what the plotter's log said up to a byte; a lower one than before is that of a log that began anew. */
export function logSaid(
  turn: Turn,
  worker: WorkerState,
  job: JobState,
  offset: number,
  signals: readonly Signal[],
): void {
  if (worker.step !== 'plotter' || worker.held) return;
  turn.moveWorker(worker, { log_offset: offset });
  const plan = planOf(definitionOf(turn.state, worker));
  if (worker.waits && getsOn(plan, worker, signals)) plotterGoesOn(turn, worker, job);
  for (const signal of signals) take(turn, worker, job, signal);
  progressMoved(turn, worker, job);
}

function take(turn: Turn, worker: WorkerState, job: JobState, signal: Signal): void {
  const plan = planOf(definitionOf(turn.state, worker));
  switch (signal.type) {
    case 'enter':
      return advanceTo(turn, worker, job, plan.indexOf(signal.stage));
    case 'leave':
      // The last stage ends with the plotter: only then is it sure that the plot is there.
      return advanceTo(turn, worker, job, afterStage(plan, signal.stage));
    case 'inside':
      return moveInside(turn, worker, job, plan.indexOf(signal.stage), signal.fraction);
    case 'plot_name':
      return named(turn, worker, { plot_name: signal.name });
    case 'plot_id':
      return turn.patchWorker(worker, { plot_id: signal.id });
    case 'plot_size':
      return turn.patchWorker(worker, { plot_bytes: signal.bytes });
    case 'final_file':
      return named(turn, worker, { final_file: signal.file, error: null });
    case 'error':
      if (signal.waits) return plotterWaits(turn, worker, signal);
      return turn.patchWorker(worker, { error: signal.message, ...noMoreWaiting(turn, worker) });
    case 'goes_on':
      return;
    default:
      signal satisfies never;
  }
}

/** The log names the plot's file: of two workers that name the same one it is the first one's. */
function named(turn: Turn, worker: WorkerState, patch: Partial<WorkerState>): void {
  const before = plotFile(turn.state, worker);
  turn.patchWorker(worker, patch);
  if (plotFile(turn.state, worker) !== before) turn.patchWorker(worker, { named_seq: turn.state.seq });
}

/** The innermost stage behind this one; -1 where there is no such stage. */
function afterStage(plan: StagePlan, stage: string): number {
  const last = plan.lastIndexOf(stage);
  return last === -1 ? -1 : Math.min(last + 1, plan.leaves.length - 1);
}

function moveInside(turn: Turn, worker: WorkerState, job: JobState, leaf: number, fraction: number): void {
  if (leaf > worker.leaf) advanceTo(turn, worker, job, leaf);
  if (leaf === -1 || leaf !== worker.leaf || fraction <= worker.fraction) return;
  const floor = progressAt(worker, turn.steady).share;
  turn.moveWorker(worker, { fraction: Math.min(fraction, 1), moved_at: clockOf(worker, turn.steady), floor });
}

/** Goes on to an innermost stage, through everything before it; never back. */
export function advanceTo(turn: Turn, worker: WorkerState, job: JobState, leaf: number): void {
  if (leaf <= worker.leaf) return;
  const plan = planOf(definitionOf(turn.state, worker));
  for (const crossing of crossings(plan, worker.leaf, leaf)) cross(turn, worker, job, crossing);
  turn.patchWorker(worker, { leaf, fraction: 0, moved_at: clockOf(worker, turn.steady) });
}

function cross(turn: Turn, worker: WorkerState, job: JobState, crossing: Crossing): void {
  const { stage, moment, phase, leaf } = crossing;
  const plan = planOf(definitionOf(turn.state, worker));
  const innermost = plan.leaves[leaf]?.id === stage;
  const stage_title = plan.title(stage);
  const at = clockOf(worker, turn.steady);
  if (moment === 'started') {
    turn.moveWorker(worker, {
      ...(phase ? { phase_at: at } : {}),
      ...(innermost ? { leaf_at: at } : {}),
    });
    turn.tell('stage_started', subjectOf(worker), { stage, stage_title });
    fireBound(turn, job, worker, { on: 'stage_started', stage });
    return;
  }
  const ms = Math.max(0, at - (phase ? worker.phase_at : worker.leaf_at));
  if (innermost) turn.patchWorker(worker, { leaf_ms: withEntry(worker.leaf_ms, leaf, ms) });
  turn.tell('stage_finished', subjectOf(worker), { stage, stage_title, duration_s: ms / 1000 });
  fireBound(turn, job, worker, { on: 'stage_finished', stage });
}

function withEntry(values: number[], index: number, value: number): number[] {
  const copy = Array.from({ length: Math.max(values.length, index + 1) }, (_, each) => values[each] ?? 0);
  copy[index] = value;
  return copy;
}

/** Looks at how far the plot is: tells a grown percentage, fires what is bound to it, and comes back in time. */
export function progressMoved(turn: Turn, worker: WorkerState, job: JobState): void {
  const { share, next } = progressAt(worker, turn.steady);
  const percent = Math.floor(percentage(share));
  turn.moved(worker);
  if (percent > worker.percent) grow(turn, worker, job, percent);
  else tellProgress(turn, worker, false);
  lookAgain(turn, worker, next);
}

function grow(turn: Turn, worker: WorkerState, job: JobState, percent: number): void {
  const bound = boundPercents(job, worker.percent, percent);
  turn.moveWorker(worker, { percent });
  tellProgress(turn, worker, bound.length > 0 || percent === 100);
  for (const each of bound) fireBound(turn, job, worker, { on: 'progress', percent: each });
}

/** Publishes the latest percentage, at most once per progress_interval unless it has to be now. */
function tellProgress(turn: Turn, worker: WorkerState, now: boolean): void {
  if (worker.percent <= worker.told_percent) return;
  if (!now && turn.steady < nextTelling(turn, worker)) return;
  turn.moveWorker(worker, { told_percent: worker.percent, told_at: turn.steady });
  turn.tell('progress', subjectOf(worker), { percent: worker.percent });
}

/** When the next percentage may be told, on the steady clock; a new scale may have begun since the last one. */
function nextTelling(turn: Turn, { told_at }: WorkerState): number {
  return told_at > turn.steady ? turn.steady : told_at + turn.settings.progress_interval_ms;
}

function lookAgain(turn: Turn, worker: WorkerState, next: number | null): void {
  const untold = worker.percent > worker.told_percent;
  const due = untold ? turn.clockAt(nextTelling(turn, worker)) : Number.POSITIVE_INFINITY;
  const by_time =
    next === null ? Number.POSITIVE_INFINITY : Math.max(turn.clockAt(next), turn.now + LOOK_STEP_MS);
  const at = Math.min(due, Math.ceil(by_time / LOOK_STEP_MS) * LOOK_STEP_MS);
  turn.ask({ type: 'wake', key: `progress:${worker.id}`, at: Number.isFinite(at) ? at : null });
}

/** Nothing moves for now: the latest percentage is told without waiting (contract, section 4). */
export function restProgress(turn: Turn, worker: WorkerState): void {
  tellProgress(turn, worker, true);
  turn.ask({ type: 'wake', key: `progress:${worker.id}`, at: null });
}

/** The plotter has succeeded: what is still open happens, and progress is 100 (contract, section 3). */
export function finishPlot(turn: Turn, worker: WorkerState, job: JobState): void {
  advanceTo(turn, worker, job, planOf(definitionOf(turn.state, worker)).leaves.length);
  if (worker.percent < 100) grow(turn, worker, job, 100);
  restProgress(turn, worker);
}
