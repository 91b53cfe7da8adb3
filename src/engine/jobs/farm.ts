import { OWN_DRAIN } from '../../contract/holds.ts';
import type { State } from '../model/state.ts';
import { stopTransfer } from '../moving/transfers.ts';
import { isUnderWay } from '../moving/under-way.ts';
import { reconsider } from '../starting/reconsider.ts';
import type { Transaction } from '../transaction.ts';
import { dismiss, waitForEnds } from '../working/stopping.ts';
import { holdNamed } from './holds.ts';
import { newHold, setHold } from './set-hold.ts';

/** Sets how many workers of all jobs may run at once; those that run go on. */
export function setFarmWorkers(transaction: Transaction, max_workers: number): void {
  const { farm, jobs } = transaction.state;
  if (farm.max_workers === max_workers) return;
  transaction.change(['meta', { farm: { ...farm, max_workers } }]);
  for (const id of jobs.keys()) transaction.touchJob(id);
  reconsider(transaction, 'all');
}

/** Has the farm drain at once: every worker is dismissed, and moves end. Answered when all have ended. */
export function stopFarm(transaction: Transaction, ticket: number): void {
  setHold(transaction, 'farm', OWN_DRAIN, newHold(transaction, 'farm', OWN_DRAIN, { moves: true }));
  const runs = [...transaction.state.runs.values()];
  const transfers = [...transaction.state.transfers.values()].filter(isUnderWay);
  if (runs.length + transfers.length === 0) return transaction.succeed(ticket);
  waitForEnds(transaction, ticket, [...runs, ...transfers]);
  for (const run of runs) dismiss(transaction, run);
  for (const transfer of transfers) stopTransfer(transaction, transfer);
}

/** Whether the farm may be shut down: nothing runs, and nothing will start. */
export function isDrained(state: State): boolean {
  const { farm, runs, workers } = state;
  const nothingRuns = runs.size === 0 && workers.size === 0 && movingNow(state) === 0;
  return nothingRuns && holdNamed(farm.holds, OWN_DRAIN) !== undefined;
}

/** Plots that are moved now. */
export function movingNow({ transfers }: Pick<State, 'transfers'>): number {
  let count = 0;
  for (const transfer of transfers.values()) if (isUnderWay(transfer)) count += 1;
  return count;
}
