import type { JobDefinition } from '../../config/schema/job.ts';
import type { JobState } from '../model/job-state.ts';
import type { RunState } from '../model/run-state.ts';
import { plotsInHand, plotsToCome, runsOf } from '../model/state.ts';
import type { Transaction } from '../transaction.ts';
import { endAfterPresentPlot } from '../working/finishing.ts';
import { heldBy } from './holds.ts';

/** A job is held: where it may start nothing more, neither may its runs (contract, section 12). */
export function endRunsWhereHeld(transaction: Transaction, job: JobState): void {
  if (!heldBy(transaction.state, job).some(({ hold }) => hold.kind === 'no_starts')) return;
  endAllRuns(transaction, job);
}

/** The job goes: its runs make the plots that they have begun. */
export function endAllRuns(transaction: Transaction, job: JobState): void {
  for (const run of runsOf(transaction.state, job.id)) endAfterPresentPlot(transaction, run);
}

/** A job has other settings than `before`: what runs and is more than these allow ends after its present plot. */
export function endRunsBeyond(transaction: Transaction, job: JobState, before: JobDefinition): void {
  const { enabled, max_workers, plots_to_do } = job.definition;
  if (before.enabled && !enabled) return endAllRuns(transaction, job);
  if (max_workers !== before.max_workers) endRunsOver(transaction, job);
  if (plots_to_do !== before.plots_to_do) endPlotsOver(transaction, job);
}

/** Runs that were started last end first. */
function runsThatGoOn({ state }: Transaction, job: JobState): RunState[] {
  const runs = runsOf(state, job.id).filter((run) => plotsToCome(state, run) > 0);
  return runs.sort((one, other) => other.started_at - one.started_at || other.slot - one.slot);
}

function endRunsOver(transaction: Transaction, job: JobState): void {
  const { max_workers } = job.definition;
  if (max_workers === 0) return;
  // Those that make their last plot leave their places by themselves.
  const goOn = runsThatGoOn(transaction, job);
  for (const run of goOn.slice(0, Math.max(0, goOn.length - max_workers)))
    endAfterPresentPlot(transaction, run);
}

function endPlotsOver(transaction: Transaction, job: JobState): void {
  const { plots_to_do } = job.definition;
  if (plots_to_do === 0) return;
  for (const run of runsThatGoOn(transaction, job))
    if (job.plots_done + plotsInHand(transaction.state, job.id) > plots_to_do)
      endAfterPresentPlot(transaction, run);
}
