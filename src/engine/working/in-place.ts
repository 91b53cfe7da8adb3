import type { RunState } from '../model/run-state.ts';
import type { WorkerState } from '../model/worker-state.ts';

/**
 * Whether a file under a plot's name is the whole one, by what its log has said: it has named the final file, or
 * unfinished ones have other names.
 */
export function saysInPlace(
  { partial }: Pick<RunState, 'partial'>,
  { final_file, plot_name }: Pick<WorkerState, 'final_file' | 'plot_name'>,
): boolean {
  return final_file !== null || (partial.length > 0 && plot_name !== null);
}
