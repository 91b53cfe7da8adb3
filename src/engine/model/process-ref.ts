import type { ProcessKind } from '../../process/files.ts';
import type { WorkerState } from './worker-state.ts';

/** A process: a run's pre-command or plotter, or a worker's post-command; `owner` is the id of that run or worker. */
export interface ProcessRef {
  owner: string;
  kind: ProcessKind;
}

/** The process that a worker's present step is about; `null` where it is about none. */
export function processOf({ id, run, step }: Pick<WorkerState, 'id' | 'run' | 'step'>): ProcessRef | null {
  switch (step) {
    case 'pre':
    case 'plotter':
      return { owner: run, kind: step };
    case 'post':
      return { owner: id, kind: step };
    case 'replot_find':
    case 'replot_remove':
    case 'cleanup':
      return null;
    default:
      return step satisfies never;
  }
}
