import type { Signal } from '../../plotters/signal.ts';
import type { StagePlan } from '../../plotters/stages.ts';
import { subjectOf } from '../event-subject.ts';
import type { LogSaid } from '../inputs.ts';
import { boundPercents, fireBound } from '../jobs/named-events.ts';
import type { JobState } from '../model/job-state.ts';
import type { RunState } from '../model/run-state.ts';
import { newestOf, runOf, workerOfPlot } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { reconsider } from '../starting/reconsider.ts';
import type { Transaction } from '../transaction.ts';
import { lookAtOlder, plotBegins } from './next-plot.ts';
import { getsOn, noMoreWaiting, plotterGoesOn, plotterWaits } from './plotter-waits.ts';
import { clockOf, type Progress, percentage, progressAt } from './progress.ts';
import { heard } from './stalled.ts';
import {
  boundariesBetween,
  definitionOf,
  mayGrowIn,
  planOf,
  plotFile,
  type StageBoundary,
} from './stages.ts';

/** Progress by time is looked at in whole steps of this, so that many workers share a wake-up. */
const LOOK_STEP_MS = 1000;

/**
 * Takes in what a run's log said up to a byte; a lower one than before is that of a log that began anew. It is about the
 * plot that the process makes now, or one before it that is named.
 */
export function logSaid(
  transaction: Transaction,
  run: RunState,
  job: JobState,
  { offset, nth, signals }: Pick<LogSaid, 'offset' | 'nth' | 'signals'>,
): void {
  const newest = newestOf(transaction.state, run.id);
  if (newest?.step !== 'plotter' || newest.held) return;
  transaction.moveRun(run, { log_offset: offset });
  if (nth !== undefined && signals.some(({ type }) => type === 'begin'))
    plotBegins(transaction, run, job, nth);
  const worker = nth === undefined ? newest : workerOfPlot(transaction.state, run.id, nth);
  // What a plotter says of a plot that has ended, or that it wasn't asked for, is nobody's.
  if (worker?.step !== 'plotter') return;
  heard(transaction, worker);
  const plan = planOf(definitionOf(transaction.state, worker));
  if (worker.waits && getsOn(plan, worker, signals)) plotterGoesOn(transaction, worker, job);
  for (const signal of signals) take(transaction, worker, job, signal);
  progressMoved(transaction, worker, job);
  if (signals.some(tellsEnd)) lookAtOlder(transaction, run, worker);
}

function take(transaction: Transaction, worker: WorkerState, job: JobState, signal: Signal): void {
  const plan = planOf(definitionOf(transaction.state, worker));
  switch (signal.type) {
    case 'enter':
      return advanceTo(transaction, worker, job, plan.indexOf(signal.stage));
    case 'leave':
      // The last stage ends with the plotter: only then is it sure that the plot is there.
      return advanceTo(transaction, worker, job, afterStage(plan, signal.stage));
    case 'inside':
      return moveInside(transaction, worker, job, plan.indexOf(signal.stage), signal.fraction);
    case 'plot_name':
      return named(transaction, worker, { plot_name: signal.name });
    case 'plot_id':
      return transaction.patchWorker(worker, { plot_id: signal.id });
    case 'plot_size':
      return transaction.patchWorker(worker, { plot_bytes: signal.bytes });
    case 'final_file':
      return named(transaction, worker, { final_file: signal.file, error: worker.fatal });
    case 'error':
      if (signal.waits) return plotterWaits(transaction, worker, signal);
      // The first that is fatal says why: what follows is its consequence.
      if (signal.fatal) transaction.patchWorker(worker, { fatal: worker.fatal ?? signal.message });
      return transaction.patchWorker(worker, {
        error: worker.fatal ?? signal.message,
        ...noMoreWaiting(transaction, worker),
      });
    case 'begin':
    case 'goes_on':
      return;
    default:
      signal satisfies never;
  }
}

/** Whether a line says that a plot is in its place, or never will be. */
function tellsEnd(signal: Signal): boolean {
  return signal.type === 'final_file' || (signal.type === 'error' && signal.fatal === true);
}

/** The log names the plot's file: of two workers that name the same one it is the first one's. */
function named(transaction: Transaction, worker: WorkerState, patch: Partial<WorkerState>): void {
  const before = plotFile(transaction.state, worker);
  transaction.patchWorker(worker, patch);
  if (plotFile(transaction.state, worker) !== before)
    transaction.patchWorker(worker, { named_seq: transaction.state.seq });
}

/** The innermost stage behind this one; -1 where there is no such stage. */
function afterStage(plan: StagePlan, stage: string): number {
  const last = plan.lastIndexOf(stage);
  return last === -1 ? -1 : Math.min(last + 1, plan.leaves.length - 1);
}

function clockNow(transaction: Transaction, worker: WorkerState): number {
  return clockOf(runOf(transaction.state, worker), worker, transaction.steady);
}

function progressNow(transaction: Transaction, worker: WorkerState): Progress {
  return progressAt(runOf(transaction.state, worker), worker, transaction.steady);
}

function moveInside(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  leaf: number,
  fraction: number,
): void {
  if (leaf > worker.leaf) advanceTo(transaction, worker, job, leaf);
  if (leaf === -1 || leaf !== worker.leaf || fraction <= worker.fraction) return;
  const floor = progressNow(transaction, worker).share;
  transaction.moveWorker(worker, {
    fraction: Math.min(fraction, 1),
    moved_at: clockNow(transaction, worker),
    floor,
  });
}

/** Goes on to an innermost stage, through everything before it; never back. */
export function advanceTo(transaction: Transaction, worker: WorkerState, job: JobState, leaf: number): void {
  if (leaf <= worker.leaf) return;
  const definition = definitionOf(transaction.state, worker);
  const { leaf: before } = worker;
  const boundaries = boundariesBetween(planOf(definition), before, leaf);
  for (const crossing of boundaries) cross(transaction, worker, job, crossing);
  transaction.patchWorker(worker, { leaf, fraction: 0, moved_at: clockNow(transaction, worker) });
  // Limits by phase, and the room that is still taken, are others behind it.
  const grew = mayGrowIn(definition, before);
  if (boundaries.some(({ phase }) => phase) || mayGrowIn(definition, leaf) !== grew)
    reconsider(transaction, 'all');
}

function cross(transaction: Transaction, worker: WorkerState, job: JobState, crossing: StageBoundary): void {
  const { stage, moment, phase, leaf } = crossing;
  const plan = planOf(definitionOf(transaction.state, worker));
  const innermost = plan.leaves[leaf]?.id === stage;
  const stage_title = plan.title(stage);
  const at = clockNow(transaction, worker);
  if (moment === 'started') {
    transaction.moveWorker(worker, {
      ...(phase ? { phase_at: at } : {}),
      ...(innermost ? { leaf_at: at } : {}),
    });
    transaction.tell('stage_started', subjectOf(worker), { stage, stage_title });
    fireBound(transaction, job, worker, { on: 'stage_started', stage });
    return;
  }
  const ms = Math.max(0, at - (phase ? worker.phase_at : worker.leaf_at));
  if (innermost) transaction.patchWorker(worker, { leaf_ms: withEntry(worker.leaf_ms, leaf, ms) });
  transaction.tell('stage_finished', subjectOf(worker), { stage, stage_title, duration_s: ms / 1000 });
  fireBound(transaction, job, worker, { on: 'stage_finished', stage });
}

function withEntry(values: number[], index: number, value: number): number[] {
  const copy = Array.from({ length: Math.max(values.length, index + 1) }, (_, each) => values[each] ?? 0);
  copy[index] = value;
  return copy;
}

/** Looks at how far the plot is: tells a grown percentage, fires what is bound to it, and comes back in time. */
export function progressMoved(transaction: Transaction, worker: WorkerState, job: JobState): void {
  const { share, next } = progressNow(transaction, worker);
  const percent = Math.floor(percentage(share));
  transaction.moved(worker);
  if (percent > worker.percent) grow(transaction, worker, job, percent);
  else tellProgress(transaction, worker, false);
  lookAgain(transaction, worker, next);
}

function grow(transaction: Transaction, worker: WorkerState, job: JobState, percent: number): void {
  const bound = boundPercents(job, worker.percent, percent);
  transaction.moveWorker(worker, { percent });
  tellProgress(transaction, worker, bound.length > 0 || percent === 100);
  for (const each of bound) fireBound(transaction, job, worker, { on: 'progress', percent: each });
}

/** Publishes the latest percentage, at most once per progress_interval unless it has to be now. */
function tellProgress(transaction: Transaction, worker: WorkerState, now: boolean): void {
  if (worker.percent <= worker.told_percent) return;
  if (!now && transaction.steady < nextTelling(transaction, worker)) return;
  transaction.moveWorker(worker, { told_percent: worker.percent, told_at: transaction.steady });
  transaction.tell('progress', subjectOf(worker), { percent: worker.percent });
}

/** When the next percentage may be told, on the steady clock; a new scale may have begun since the last one. */
function nextTelling(transaction: Transaction, { told_at }: WorkerState): number {
  return told_at > transaction.steady
    ? transaction.steady
    : told_at + transaction.settings.progress_interval_ms;
}

function lookAgain(transaction: Transaction, worker: WorkerState, next: number | null): void {
  const untold = worker.percent > worker.told_percent;
  const due = untold ? transaction.clockAt(nextTelling(transaction, worker)) : Number.POSITIVE_INFINITY;
  const by_time =
    next === null
      ? Number.POSITIVE_INFINITY
      : Math.max(transaction.clockAt(next), transaction.now + LOOK_STEP_MS);
  const at = Math.min(due, Math.ceil(by_time / LOOK_STEP_MS) * LOOK_STEP_MS);
  transaction.ask({
    type: 'wake',
    timer: { kind: 'progress', worker: worker.id },
    at: Number.isFinite(at) ? at : null,
  });
}

/** Nothing moves for now: the latest percentage is told without waiting (contract, section 4). */
export function restProgress(transaction: Transaction, worker: WorkerState): void {
  tellProgress(transaction, worker, true);
  transaction.ask({ type: 'wake', timer: { kind: 'progress', worker: worker.id }, at: null });
}

/** The plotter has succeeded: what is still open happens, and progress is 100 (contract, section 3). */
export function finishPlot(transaction: Transaction, worker: WorkerState, job: JobState): void {
  advanceTo(transaction, worker, job, planOf(definitionOf(transaction.state, worker)).leaves.length);
  if (worker.percent < 100) grow(transaction, worker, job, 100);
  restProgress(transaction, worker);
}
