import type { JobState } from '../model/job-state.ts';
import { runOf, type State, workersOf, workersOfJob } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { replotStepOf } from '../working/steps.ts';
import type { World } from './gates/gate.ts';

/** A plotter that has run for so long did not fail at once. */
export const PROOF_MS = 60_000;

/**
 * Whether a worker must leave old plots alone for now. A job that has made no plot yet, or failed last, takes one
 * after the other: the next when the plotter for which the last one went has run for a while, or has ended and left
 * its room. So workers that all fail, however many at once, cost one plot.
 */
export function waitsForProof(transaction: Transaction, worker: WorkerState, job: JobState): boolean {
  if (followsOneGivenUp(transaction.state, worker)) return true;
  if (job.last_plot_at !== null && job.failures === 0) return false;
  for (const other of workersOfJob(transaction.state, worker.job))
    if (other !== worker && (isSeeking(transaction, other) || isUnproven(transaction, other))) return true;
  return false;
}

/**
 * Whether an earlier plot of a run, for which old plots went or go, had a next one within a minute, and isn't in its place: a
 * process that gives up one plot after the other, and goes on, would else cost old plots for each before it ends.
 */
function followsOneGivenUp(state: State, { run, nth }: WorkerState): boolean {
  const upTo = workersOf(state, run).filter((each) => each.nth <= nth);
  return upTo.some((one, index) => {
    const began = upTo[index + 1]?.plotter_started_at ?? null;
    const isCostly = one.replot_room !== null || replotStepOf(one) !== null;
    if (began === null || one.plot !== null || !isCostly) return false;
    return began - (one.plotter_started_at ?? began) < PROOF_MS;
  });
}

/** Whether a worker of a job waits for that already: no more are started beside it until it goes on, but by hand. */
export function awaitsProof(world: World, job: JobState): boolean {
  for (const worker of workersOfJob(world.state, job.id))
    if (replotStepOf(worker) === 'replot_find' && !isSeeking(world, worker) && !isSuspended(world, worker))
      return true;
  return false;
}

/** A user's pause may last for days: the others don't wait for its end. */
function isSuspended({ state }: World, worker: WorkerState): boolean {
  return runOf(state, worker).suspended;
}

function isSeeking({ memory }: World, worker: WorkerState): boolean {
  return replotStepOf(worker) === 'replot_find' && memory.seeking.has(worker.id);
}

/** Whether room was made for a worker of which nobody knows yet whether it will use it. */
function isUnproven(transaction: Transaction, worker: WorkerState): boolean {
  if (replotStepOf(worker) === 'replot_remove') return true;
  if (worker.replot_room === null || worker.plot !== null) return false;
  if (isSuspended(transaction, worker)) return false;
  const since = worker.plotter_started_at;
  return worker.step === 'cleanup' || since === null || transaction.steady - since < PROOF_MS;
}
