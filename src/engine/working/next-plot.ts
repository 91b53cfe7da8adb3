import { subjectOf } from '../event-subject.ts';
import { fireBound } from '../jobs/named-events.ts';
import type { JobState } from '../model/job-state.ts';
import type { RunState } from '../model/run-state.ts';
import { newestOf } from '../model/state.ts';
import { replotRuleNow } from '../moving/replot-rule.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { keepsLog, oneLogLess } from '../starting/kept-logs.ts';
import { newWorker, paceUnder } from '../starting/new-run.ts';
import { takeNumber } from '../starting/sequence.ts';
import { addedWorker, newId, ruleOfWorker } from '../starting/start-worker.ts';
import type { Transaction } from '../transaction.ts';
import { askToFinish, isTooMany, stopWhereOver } from './finishing.ts';
import { saysInPlace } from './in-place.ts';
import { plotterStart } from './plotter-start.ts';
import { definitionOfRun } from './stages.ts';
import { watchSilence } from './stalled.ts';
import { beginReplot } from './steps.ts';

/**
 * The log has begun a run's plot of this number: the next worker starts in the same slot, and the one before goes on to
 * its destination (contract, section 12). A line that was heard before changes nothing.
 */
export function plotBegins(transaction: Transaction, run: RunState, job: JobState, nth: number): void {
  if (nth <= run.begun) return;
  transaction.patchRun(run, { begun: nth });
  if (nth === 1) return askToFinish(transaction, run);
  const before = newestOf(transaction.state, run.id);
  // More than it was asked for is not ours; one may be known already, from its own directory.
  if (!before || nth <= before.nth || nth > run.plots) return;
  const tooMany = isTooMany(run, nth);
  if (!tooMany || before.final_file === null) startNext(transaction, run, job, { before, nth });
  lookAtOlder(transaction, run, before);
  if (tooMany) stopWhereOver(transaction, run);
}

/** The worker of a run's next plot: its plotter works on that already. */
function startNext(
  transaction: Transaction,
  run: RunState,
  job: JobState,
  { before, nth }: { before: WorkerState; nth: number },
): void {
  const { placement } = before;
  const definition = definitionOfRun(transaction.state, run);
  const pace = paceUnder(transaction.state, definition, before.pace.key);
  takeNumber(transaction, run.plotter, definition);
  const about = { id: newId(transaction, job), run, nth, cause: run.cause, placement, pace };
  const { rule: today, refused } = replotRuleNow(transaction, before, job);
  // What isn't to be made takes no old plot's place.
  const { replot_rule: rule } = ruleOfWorker(placement, isTooMany(run, nth) ? null : today);
  const worker = addedWorker(transaction, {
    ...newWorker({ ...about, save_log: keepsLog(job) }, transaction),
    ...{
      replot_refused: refused,
      replot_rule: rule,
      beside: rule === null ? null : ('replot_find' as const),
    },
    step: 'plotter',
    ...plotterStart(transaction, run, transaction.steady),
  });
  const { [run.slot]: _failed, ...failed_slots } = job.failed_slots;
  transaction.patchJob(job, { failed_slots, ...oneLogLess(job) });
  transaction.touch(run);
  const { cause, spec } = run;
  transaction.tell('worker_started', subjectOf(worker), { arguments: spec.arguments, cause, run: run.id });
  fireBound(transaction, job, worker, { on: 'worker_started' });
  transaction.tell('plotter_started', subjectOf(worker), { pid: run.process?.pid ?? 0 });
  fireBound(transaction, job, worker, { on: 'plotter_started' });
  if (run.suspended) transaction.tell('worker_paused', subjectOf(worker), {});
  watchSilence(transaction, worker, job);
  transaction.ask({ type: 'record_worker', worker: worker.id });
  if (worker.beside !== null) beginReplot(transaction, worker);
}

/**
 * A plot on its way is looked at when its log says that it is there, or that it never will be; one of which it never says
 * that, when the next begins.
 */
export function lookAtOlder(transaction: Transaction, run: RunState, worker: WorkerState): void {
  if (worker.step !== 'plotter' || newestOf(transaction.state, run.id) === worker) return;
  if (saysInPlace(run, worker) || worker.fatal !== null)
    transaction.ask({ type: 'look_at_plot', worker: worker.id });
}
