import type { Effect } from './effects.ts';
import type { WorkerState, WorkerStep } from './state.ts';
import type { Turn } from './turn.ts';

/** The step that comes after one that went well. */
export function stepAfter(worker: WorkerState): WorkerStep {
  switch (worker.step) {
    case 'pre':
      return worker.spec.replot_before === null ? 'plotter' : 'replot_find';
    case 'replot_find':
      return worker.replot === null ? 'plotter' : 'replot_remove';
    case 'replot_remove':
      return 'plotter';
    case 'plotter':
      return worker.spec.post_command === null ? 'cleanup' : 'post';
    case 'post':
    case 'cleanup':
      return 'cleanup';
    default:
      return worker.step satisfies never;
  }
}

/** Goes to a step and asks for its work. */
export function enterStep(turn: Turn, worker: WorkerState, step: WorkerStep): void {
  turn.patchWorker(worker, { step, held: false, process: null });
  turn.ask(workOf(worker));
}

/** The work of a worker's present step; it can be asked for again after a crash. */
export function workOf(worker: WorkerState): Effect {
  const { spec, step, id } = worker;
  switch (step) {
    case 'pre':
    case 'plotter':
    case 'post':
      return { type: 'run', worker: id, kind: step };
    case 'replot_find':
      return {
        type: 'replot_find',
        worker: id,
        directory: spec.dest_dir ?? '',
        before: spec.replot_before ?? '',
      };
    case 'replot_remove':
      return {
        type: 'replot_remove',
        worker: id,
        directory: spec.dest_dir ?? '',
        file: worker.replot?.file ?? '',
      };
    case 'cleanup':
      return { type: 'cleanup', worker: id, temp_dirs: spec.temp_dirs, keep_logs: spec.save_logs };
    default:
      return step satisfies never;
  }
}

/** The present step is done: the next one comes, at once or when the pause is over. */
export function proceed(turn: Turn, worker: WorkerState): void {
  if (worker.dismissed || worker.failed !== null) return enterStep(turn, worker, 'cleanup');
  if (worker.suspended) return turn.patchWorker(worker, { held: true, process: null });
  enterStep(turn, worker, stepAfter(worker));
}
