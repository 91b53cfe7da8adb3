import { basename } from 'node:path';
import { isDismissed } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { plotFile } from './stages.ts';

/** So many plots that were made here are remembered, and as many of which nobody knows whether they are whole. */
const MAX_MADE = 1000;

/** A worker ends: whose plot this was is told when it is moved; what one has left that failed never is. */
export function rememberMade(transaction: Transaction, worker: WorkerState): void {
  const { state } = transaction;
  const spoilt = isDismissed(state, worker) || worker.plot === null;
  const files = [plotFile(state, worker), worker.plot, worker.final_file];
  const names = new Set(files.flatMap((file) => (file === null ? [] : [basename(file)])));
  for (const name of names) remember(transaction, worker, name, spoilt);
  if (names.size > 0) forgetOldest(transaction, spoilt);
}

/** What a plotter left in its destination that is no plot, by its names: it is never moved. */
export function rememberSpoilt(
  transaction: Transaction,
  worker: WorkerState,
  names: readonly string[],
): void {
  for (const name of names) remember(transaction, worker, name, true);
  if (names.length > 0) forgetOldest(transaction, true);
}

function remember(
  transaction: Transaction,
  { job, slot, id }: WorkerState,
  name: string,
  spoilt: boolean,
): void {
  const known = transaction.state.made.get(name);
  // One that names another worker's plot spoils nothing.
  if (spoilt && known?.spoilt === false && known.worker !== id) return;
  transaction.change(['made', name, { job, slot, worker: id, spoilt }]);
}

function forgetOldest(transaction: Transaction, spoilt: boolean): void {
  const alike = [...transaction.state.made].filter(([, made]) => made.spoilt === spoilt);
  for (const [name] of alike.slice(0, Math.max(0, alike.length - MAX_MADE)))
    transaction.change(['made', name, null]);
}
