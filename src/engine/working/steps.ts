import type { ReplotRule } from '../../config/schema/replot.ts';
import type { Effect } from '../effects.ts';
import { withValue } from '../model/collections.ts';
import { processOf } from '../model/process-ref.ts';
import type { RunState } from '../model/run-state.ts';
import { isDismissed, newestOf, runOf, workersOf } from '../model/state.ts';
import type { WorkerState, WorkerStep } from '../model/worker-state.ts';
import { replotRuleNow } from '../moving/replot-rule.ts';
import { PROOF_MS, waitsForProof } from '../starting/probation.ts';
import type { Transaction } from '../transaction.ts';
import { plotFile, plotFiles } from './stages.ts';

/** The step that comes after one that went well. */
export function stepAfter(run: Pick<RunState, 'spec'>, worker: WorkerState): WorkerStep {
  switch (worker.step) {
    case 'pre':
      return worker.replot_rule === null ? 'plotter' : 'replot_find';
    case 'replot_find':
      return worker.replot.length === 0 ? 'plotter' : 'replot_remove';
    case 'replot_remove':
      return 'plotter';
    case 'plotter':
      return run.spec.post_command === null ? 'cleanup' : 'post';
    case 'post':
    case 'cleanup':
      return 'cleanup';
    default:
      return worker.step satisfies never;
  }
}

/** Goes to a step and asks for its work. */
export function enterStep(transaction: Transaction, worker: WorkerState, step: WorkerStep): void {
  // One that looks for an old plot has done nothing yet: what is found for it is stale then.
  const seeks = worker.beside === 'replot_find' && step === 'cleanup';
  if (worker.step === 'plotter')
    transaction.ask({ type: 'wake', timer: { kind: 'silence', worker: worker.id }, at: null });
  transaction.patchWorker(worker, {
    ...{ step, held: false, post: null, stalled_s: null },
    ...(seeks ? { beside: null } : {}),
  });
  beginWork(transaction, worker);
}

/** Asks for the work of a worker's present step; it can be asked for again after a crash. */
export function beginWork(transaction: Transaction, worker: WorkerState): void {
  if (isReplotting(worker.step)) return beginReplot(transaction, worker);
  // Whoever waits for its end gets that of its last old plot first.
  if (worker.step !== 'cleanup' || worker.beside === null) transaction.ask(workOf(transaction, worker));
}

function isReplotting(step: WorkerStep): step is 'replot_find' | 'replot_remove' {
  return step === 'replot_find' || step === 'replot_remove';
}

/**
 * What a worker does about its old plots now: as a step of its own, or beside the plotter, which has begun its plot
 * already; `null`: nothing.
 */
export function replotStepOf({ step, held, beside }: WorkerState): 'replot_find' | 'replot_remove' | null {
  return isReplotting(step) && !held ? step : beside;
}

/** Asks for the old plots that go for a worker's plot, or for the next one to be removed. */
export function beginReplot(transaction: Transaction, worker: WorkerState): void {
  if (runOf(transaction.state, worker).suspended) restReplot(transaction, worker);
  else goOnReplotting(transaction, worker);
}

/** A pause lets no further old plot go: what is left is chosen anew when it is over. */
function restReplot(transaction: Transaction, worker: WorkerState): void {
  if (replotStepOf(worker) !== 'replot_remove') return;
  const key = worker.beside === null ? 'step' : 'beside';
  transaction.patchWorker(worker, { replot: [], [key]: 'replot_find' });
}

function goOnReplotting(transaction: Transaction, worker: WorkerState): void {
  if (!mayReplot(transaction, worker)) return;
  const { id, replot } = worker;
  if (replotStepOf(worker) === 'replot_find') transaction.ask({ type: 'replot_find', worker: id });
  else transaction.ask({ type: 'replot_remove', worker: id, file: replot[0]?.file ?? '' });
}

/** After a restart: today's config.yaml is known, so that old plots may go again. */
export function recoverReplotting(transaction: Transaction): void {
  transaction.memory.recovering = false;
  // One that was on its way when the daemon died may be gone.
  for (const worker of transaction.state.workers.values())
    if (replotStepOf(worker) === 'replot_remove') goOnReplotting(transaction, worker);
    else if (replotStepOf(worker) !== null) beginReplot(transaction, worker);
}

/** What was to be done about old plots is done, as far as it goes: the rest of them, or the plot itself, comes next. */
export function replotStepDone(transaction: Transaction, worker: WorkerState): void {
  if (worker.beside === null) return proceed(transaction, worker);
  const over = isToEnd(transaction, worker) || worker.replot.length === 0;
  transaction.patchWorker(worker, { beside: over ? null : 'replot_remove' });
  if (!over) beginReplot(transaction, worker);
  else if (worker.step === 'cleanup') beginWork(transaction, worker);
}

/** Whether old plots may be touched for a worker now; one that has to wait for others looks again by itself. */
function mayReplot(transaction: Transaction, worker: WorkerState): boolean {
  const job = transaction.state.jobs.get(worker.job);
  if (!job || transaction.memory.recovering) return false;
  const { rule, refused } = replotRuleNow(transaction, worker, job);
  if (refused !== null) {
    transaction.patchWorker(worker, { replot_refused: refused });
    transaction.patchJob(job, { last_error: refused });
  }
  if (rule === null || !follows(transaction, worker, rule)) {
    if (refused === null && rule === null) transaction.patchWorker(worker, { replot_rule: null });
    skipReplot(transaction, worker);
    return false;
  }
  if (replotStepOf(worker) === 'replot_remove') return true;
  if (waitsForProof(transaction, worker, job)) {
    transaction.ask({
      type: 'wake',
      timer: { kind: 'old_plots', job: job.id },
      at: transaction.now + PROOF_MS,
    });
    return false;
  }
  transaction.memory.seeking = withValue(transaction.memory.seeking, worker.id);
  // Others of the job wait for it no more.
  transaction.touchJob(job.id);
  return true;
}

/** A worker goes by its job's rule as it is now. Whether any old plot is left for it: of those chosen no more go than that allows. */
function follows(transaction: Transaction, worker: WorkerState, rule: ReplotRule): boolean {
  const { replot_rule: before, replot_room } = worker;
  const fewer = rule.max_per_plot < (before?.max_per_plot ?? 0);
  const left = Math.max(0, rule.max_per_plot - (replot_room?.sizes.length ?? 0));
  const replot = fewer ? worker.replot.slice(0, left) : worker.replot;
  if (JSON.stringify(rule) !== JSON.stringify(before))
    transaction.patchWorker(worker, { replot_rule: rule, replot });
  return replotStepOf(worker) === 'replot_find' || replot.length > 0;
}

/** The worker's plotter comes next, or goes on, without an old plot. */
function skipReplot(transaction: Transaction, worker: WorkerState): void {
  if (worker.beside !== null) {
    transaction.patchWorker(worker, { replot: [] });
    return replotStepDone(transaction, worker);
  }
  if (isToEnd(transaction, worker)) return enterStep(transaction, worker, 'cleanup');
  transaction.patchWorker(worker, { step: 'replot_find', replot: [] });
  proceed(transaction, worker);
}

/** What the present step of a worker is. */
function workOf(transaction: Transaction, worker: WorkerState): Effect {
  const process = processOf(worker);
  return process ? { type: 'run', ...process } : cleanup(transaction, worker);
}

/** What the process of a run has made goes with the last of its workers. */
function cleanup(transaction: Transaction, worker: WorkerState): Effect {
  const run = runOf(transaction.state, worker);
  const all = workersOf(transaction.state, run.id);
  const isOver = all.every(({ step, beside }) => step === 'cleanup' && beside === null);
  const last = isOver && worker === newestOf(transaction.state, run.id);
  return {
    type: 'cleanup',
    worker: worker.id,
    run: run.id,
    last,
    temp_dirs: last ? run.spec.temp_dirs : [],
    unfinished: unfinishedFiles(transaction, run, worker),
    nth: worker.nth,
    several: run.plots > 1,
    keep_logs: run.plots > 1 ? worker.save_log : run.spec.save_logs,
    handed_on: run.spec.post_command === null ? null : worker.plot,
  };
}

/** Where the plotter may have left its plot unfinished; nowhere, once it has succeeded. */
function unfinishedFiles(transaction: Transaction, { partial }: RunState, worker: WorkerState): string[] {
  const file = worker.plot === null && partial.length > 0 ? plotFile(transaction.state, worker) : null;
  if (file === null) return [];
  const others = [...transaction.state.workers.values()].filter(({ id }) => id !== worker.id);
  if (others.some((other) => plotFile(transaction.state, other) === file)) return [];
  return plotFiles(transaction.state, worker).flatMap((each) => partial.map((suffix) => each + suffix));
}

/** The present step is done: the next one comes, at once or when the pause is over. */
export function proceed(transaction: Transaction, worker: WorkerState): void {
  if (isToEnd(transaction, worker)) return enterStep(transaction, worker, 'cleanup');
  const run = runOf(transaction.state, worker);
  if (run.suspended) return transaction.patchWorker(worker, { held: true, post: null });
  enterStep(transaction, worker, stepAfter(run, worker));
}

/** Whether nothing more is to be done for a worker's plot. */
export function isToEnd(transaction: Transaction, worker: WorkerState): boolean {
  return worker.failed !== null || isDismissed(transaction.state, worker);
}
