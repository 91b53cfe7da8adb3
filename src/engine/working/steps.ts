import { withValue } from '../model/collections.ts';
import type { Effect } from '../effects.ts';
import { plotFile } from './stages.ts';
import { PROOF_MS, waitsForProof } from '../starting/probation.ts';
import { replotRefusal } from '../moving/replot-rule.ts';
import type { WorkerState, WorkerStep } from '../model/state.ts';
import type { Turn } from '../transaction.ts';

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
  beginWork(turn, worker);
}

/** Asks for the work of a worker's present step; it can be asked for again after a crash. */
export function beginWork(turn: Turn, worker: WorkerState): void {
  const replots = worker.step === 'replot_find' || worker.step === 'replot_remove';
  if (replots && !mayReplot(turn, worker)) return;
  turn.ask(workOf(turn, worker));
}

/** Whether old plots may be touched for a worker now; one that has to wait for others looks again by itself. */
function mayReplot(turn: Turn, worker: WorkerState): boolean {
  const job = turn.state.jobs.get(worker.job);
  if (!job) return false;
  const reason = replotRefusal(turn, worker, job);
  if (reason !== null) {
    turn.patchWorker(worker, { replot_refused: reason });
    turn.patchJob(job, { last_error: reason });
    skipReplot(turn, worker);
    return false;
  }
  if (worker.step === 'replot_remove') return true;
  if (waitsForProof(turn, worker, job)) {
    turn.ask({ type: 'wake', key: `replot:${job.id}`, at: turn.now + PROOF_MS });
    return false;
  }
  turn.memory.seeking = withValue(turn.memory.seeking, worker.id);
  return true;
}

/** The worker's plotter comes next, without an old plot. */
function skipReplot(turn: Turn, worker: WorkerState): void {
  if (worker.dismissed || worker.failed !== null) return enterStep(turn, worker, 'cleanup');
  turn.patchWorker(worker, { step: 'replot_find', replot: null });
  proceed(turn, worker);
}

/** What the present step of a worker is. */
function workOf(turn: Turn, worker: WorkerState): Effect {
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
      return {
        type: 'cleanup',
        worker: id,
        temp_dirs: spec.temp_dirs,
        unfinished: unfinishedFiles(turn, worker),
        keep_logs: spec.save_logs,
      };
    default:
      return step satisfies never;
  }
}

/** Where the plotter may have left its plot unfinished; nowhere, once it has succeeded. */
function unfinishedFiles(turn: Turn, worker: WorkerState): string[] {
  const file = worker.plot === null && worker.partial.length > 0 ? plotFile(turn.state, worker) : null;
  if (file === null) return [];
  const others = [...turn.state.workers.values()].filter(({ id }) => id !== worker.id);
  if (others.some((other) => plotFile(turn.state, other) === file)) return [];
  return worker.partial.map((suffix) => file + suffix);
}

/** The present step is done: the next one comes, at once or when the pause is over. */
export function proceed(turn: Turn, worker: WorkerState): void {
  if (worker.dismissed || worker.failed !== null) return enterStep(turn, worker, 'cleanup');
  if (worker.suspended) return turn.patchWorker(worker, { held: true, process: null });
  enterStep(turn, worker, stepAfter(worker));
}
