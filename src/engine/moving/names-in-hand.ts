import { basename } from 'node:path';
import type { State } from '../model/state.ts';
import type { TransferState } from '../model/transfer-state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { plotFile } from '../working/stages.ts';
import { willRemovePlot } from './replot-rule.ts';

/** Somebody for whom old plots go: what that one has chosen itself is in nobody else's hand. */
type Self = Pick<WorkerState | TransferState, 'id'> | null;

/**
 * Names of what workers and moves have in hand: the plots that they make or move, and those that others than `self` have
 * chosen to remove.
 */
export function namesInHand(state: State, self: Self): Set<string> {
  const names = new Set<string>();
  for (const worker of state.workers.values()) {
    const chosen =
      worker.id !== self?.id && willRemovePlot(worker) ? worker.replot.map(({ file }) => file) : [];
    for (const file of [plotFile(state, worker), worker.plot, worker.final_file, ...chosen])
      if (file !== null) names.add(basename(file));
  }
  for (const { id, file, replot } of state.transfers.values()) {
    names.add(basename(file));
    if (id !== self?.id) for (const old of replot) names.add(basename(old.file));
  }
  return names;
}
