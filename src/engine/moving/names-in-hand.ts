import { basename } from 'node:path';
import type { State } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { plotFile } from '../working/stages.ts';
import { willRemovePlot } from './replot-rule.ts';

/**
 * Names of what workers and moves have in hand: the plots that they make or move, and those that others than `self` have
 * chosen to remove.
 */
export function namesInHand(state: State, self: Pick<WorkerState, 'id'> | null): Set<string> {
  const names = new Set<string>();
  for (const worker of state.workers.values()) {
    const chosen =
      worker.id !== self?.id && willRemovePlot(worker) ? worker.replot.map(({ file }) => file) : [];
    for (const file of [plotFile(state, worker), worker.plot, worker.final_file, ...chosen])
      if (file !== null) names.add(basename(file));
  }
  for (const { file } of state.transfers.values()) names.add(basename(file));
  return names;
}
