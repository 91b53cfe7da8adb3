import { subjectOf } from '../event-subject.ts';
import type { GrowthSeen } from '../inputs.ts';
import { fireBound } from '../jobs/named-events.ts';
import type { JobState } from '../model/job-state.ts';
import { isDismissed, runOf } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { noMoreWaiting } from './plotter-waits.ts';
import { awakeAt, lookInterval, notedSilence, silenceInWords, silenceOf, stallTimeout } from './silence.ts';
import { stopProcess } from './stopping.ts';

/** In place of a mark: its disks didn't answer, so that the next mark says nothing of what grew meanwhile. */
const NO_ANSWER = '';

/** A timer that came a little early is set anew for no sooner than this. */
const SOONEST_MS = 100;

/** Whether it is looked at whether a worker is stalled: its plotter runs, and isn't being stopped. */
function isJudged({ state }: Transaction, worker: WorkerState): boolean {
  const { process, suspended, is_over, stopped_for } = runOf(state, worker);
  if (worker.step !== 'plotter' || worker.held || process?.kind !== 'plotter') return false;
  return !suspended && !is_over && stopped_for === null && !isDismissed(state, worker);
}

/** Has the silence of a worker looked at in time, from now on. */
export function watchSilence(transaction: Transaction, worker: WorkerState, job: JobState): void {
  if (isJudged(transaction, worker)) wakeIn(transaction, worker, lookInterval(job.definition));
}

function wakeIn(transaction: Transaction, { id }: WorkerState, ms: number): void {
  const at = transaction.now + Math.max(SOONEST_MS, Math.ceil(ms));
  transaction.ask({ type: 'wake', timer: { kind: 'silence', worker: id }, at });
}

/** Its log may have been silent for so long by now that its files are to be looked at. */
export function silenceDue(transaction: Transaction, worker: WorkerState, job: JobState): void {
  if (!isJudged(transaction, worker)) return;
  const left = lookInterval(job.definition) - silenceNow(transaction, worker);
  if (left > 0) wakeIn(transaction, worker, left);
  else transaction.ask({ type: 'look_at_growth', worker: worker.id });
}

function silenceNow(transaction: Transaction, worker: WorkerState): number {
  return silenceOf(runOf(transaction.state, worker), worker, awakeAt(transaction));
}

/** The log has said something of a worker's plot: its silence is over. */
export function heard(transaction: Transaction, worker: WorkerState): void {
  const noted = notedSilence(transaction.state, worker, silenceNow(transaction, worker));
  const over = { silent_ms: 0, silent_from: awakeAt(transaction), growth: null, ...noted };
  // The end of a silence that was written down is, too; else a line of the log costs the journal nothing.
  if (worker.silent_ms > 0 || worker.growth !== null) transaction.patchWorker(worker, over);
  else transaction.moveWorker(worker, over);
  // The last words of what is stopped for being stalled change nothing.
  if (runOf(transaction.state, worker).stopped_for === null) noMoreStalled(transaction, worker);
}

/** The files of a worker were looked at. Of one whose plotter runs no more, or is suspended, that is stale. */
export function growthSeen(
  transaction: Transaction,
  worker: WorkerState,
  job: JobState,
  { mark }: GrowthSeen,
): void {
  if (!isJudged(transaction, worker)) return;
  const before = worker.growth;
  const silent_ms = silenceNow(transaction, worker);
  const grew = mark !== null && before !== null && before !== NO_ANSWER && mark !== before;
  transaction.patchWorker(worker, {
    silent_ms: grew ? 0 : silent_ms,
    silent_from: awakeAt(transaction),
    growth: mark ?? before ?? NO_ANSWER,
    ...(grew ? notedSilence(transaction.state, worker, silent_ms) : {}),
  });
  judge(transaction, worker, job, before !== null);
}

/** `compared`: this was not the first look of a silence, of which nobody knows what grew before it. */
function judge(transaction: Transaction, worker: WorkerState, job: JobState, compared: boolean): void {
  const timeout_s = stallTimeout(transaction.state, worker, job.definition);
  const interval = lookInterval(job.definition);
  const left = timeout_s === null ? Number.POSITIVE_INFINITY : timeout_s * 1000 - worker.silent_ms;
  if (left > 0) noMoreStalled(transaction, worker);
  else if (compared || worker.stalled_s !== null) return stalled(transaction, worker, job);
  wakeIn(transaction, worker, left > 0 ? Math.min(left, interval) : interval);
}

/** It is told once, and stopped where its job says so, which may come later. */
function stalled(transaction: Transaction, worker: WorkerState, job: JobState): void {
  const silence_s = Math.round(worker.silent_ms) / 1000;
  if (worker.stalled_s === null) {
    transaction.patchWorker(worker, { stalled_s: silence_s });
    transaction.tell('worker_stalled', subjectOf(worker), { silence_s });
    fireBound(transaction, job, worker, { on: 'worker_stalled' });
  }
  if (job.definition.on_stall === 'dismiss') stopStalled(transaction, worker, silence_s);
  else wakeIn(transaction, worker, lookInterval(job.definition));
}

/** Its process is stopped, which fails it and, of a run of several, every worker whose plot isn't in its place. */
function stopStalled(transaction: Transaction, worker: WorkerState, silence_s: number): void {
  const stopped_for = `the plotter was stopped: ${silenceInWords(silence_s)}`;
  transaction.patchRun(runOf(transaction.state, worker), { stopped_for });
  transaction.patchWorker(worker, { error: stopped_for, ...noMoreWaiting(transaction, worker) });
  stopProcess(transaction, worker);
}

function noMoreStalled(transaction: Transaction, worker: WorkerState): void {
  if (worker.stalled_s === null) return;
  transaction.patchWorker(worker, { stalled_s: null });
  transaction.tell('worker_unstalled', subjectOf(worker), {});
}

/** Its run is suspended: what stands still isn't stalled. One that was begins its silence anew when it goes on. */
export function restSilence(transaction: Transaction, worker: WorkerState): void {
  const silent_ms = worker.stalled_s === null ? silenceNow(transaction, worker) : 0;
  transaction.patchWorker(worker, { silent_ms, growth: null });
  noMoreStalled(transaction, worker);
  transaction.ask({ type: 'wake', timer: { kind: 'silence', worker: worker.id }, at: null });
}

/** From now on it counts again: its run goes on, or the daemon has come up. */
export function resumeSilence(transaction: Transaction, worker: WorkerState): void {
  transaction.patchWorker(worker, { silent_from: awakeAt(transaction) });
}
