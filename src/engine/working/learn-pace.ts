import { runOf } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { longestSilences } from './silence.ts';
import { definitionOf, planOf } from './stages.ts';

/** Plots of the same kind remembered at most, so that the state doesn't grow for ever. */
const MAX_PACES = 500;

/** This machine's own times, half the last plot's, half what was known before. */
export function learnPace(transaction: Transaction, worker: WorkerState): void {
  const known = transaction.state.paces.get(worker.pace.key);
  const stages: Record<string, number> = {};
  const total = worker.leaf_ms.reduce((sum, ms) => sum + ms, 0) / 1000;
  const { interrupted } = runOf(transaction.state, worker);
  for (const [index, leaf] of planOf(definitionOf(transaction.state, worker)).leaves.entries()) {
    // Which stage took how long while the daemon was away isn't known, only what all of them took.
    const share = interrupted ? worker.pace.weights[index] : undefined;
    const seconds = share === undefined ? (worker.leaf_ms[index] ?? 0) / 1000 : share * total;
    const before = known?.stages[leaf.id];
    stages[leaf.id] = before === undefined ? seconds : (before + seconds) / 2;
  }
  const silences = longestSilences(known?.silences, worker, interrupted);
  const at = transaction.now;
  transaction.change(['pace', worker.pace.key, { stages, at, ...(silences && { silences }) }]);
  if (transaction.state.paces.size <= MAX_PACES) return;
  const oldest = [...transaction.state.paces].reduce((a, b) => (b[1].at < a[1].at ? b : a));
  transaction.change(['pace', oldest[0], null]);
}
