import type { BoundEvent } from '../../config/schema/job.ts';
import type { JobState } from '../model/job-state.ts';
import type { BoundMoment, TimerState } from '../model/timer-state.ts';
import { isDismissed } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';

/** Whether a job's bound event means this moment. */
export function isBoundTo(bound: BoundEvent, moment: BoundMoment): boolean {
  return bound.on === moment.on && bound.stage === moment.stage && bound.percent === moment.percent;
}

/** Fires every named event that the worker's job has bound to the moment, now or after its delay. */
export function fireBound(
  transaction: Transaction,
  job: JobState,
  worker: WorkerState,
  moment: BoundMoment,
): void {
  if (!isDismissed(transaction.state, worker)) fireAtEnd(transaction, job, worker, moment);
}

/** The same at a worker's end or later, when its run may be gone: whether it was dismissed the caller knows. */
export function fireAtEnd(
  transaction: Transaction,
  job: JobState,
  worker: { id: string; slot: number | null },
  moment: BoundMoment,
): void {
  if (!job.definition.emit_events) return;
  for (const bound of job.definition.events) {
    if (!isBoundTo(bound, moment)) continue;
    const about = { job: job.id, slot: worker.slot, worker: worker.id };
    const target = bound.at ?? null;
    if (bound.delay) delay(transaction, bound.fire, bound.delay, { ...about, moment, target });
    else transaction.fired.push({ name: bound.fire, source: 'worker', about, moment, target });
  }
}

/** Percentages bound to named events by this job, above `from` up to `to`, in order, each once. */
export function boundPercents(job: JobState, from: number, to: number): number[] {
  const percents = new Set<number>();
  for (const { percent } of job.definition.events)
    if (percent !== undefined && percent > from && percent <= to) percents.add(percent);
  return [...percents].sort((a, b) => a - b);
}

function delay(
  transaction: Transaction,
  name: string,
  seconds: number,
  about: Omit<TimerState, 'id' | 'name' | 'due' | 'due_steady'>,
): void {
  let id = transaction.surroundings.random();
  while (transaction.state.timers.has(id)) id = transaction.surroundings.random();
  const due = transaction.now + seconds * 1000;
  const due_steady = transaction.steady + seconds * 1000;
  transaction.change(['timer', id, { id, name, due, due_steady, ...about }]);
  transaction.ask({ type: 'wake', timer: { kind: 'delay', id }, at: due });
  touchStarting(transaction, { name, target: about.target });
}

/** Jobs that start on a name show when it will fire here. */
function touchStarting(
  transaction: Transaction,
  { name, target }: Pick<TimerState, 'name' | 'target'>,
): void {
  if (target !== null) return;
  for (const { id, definition } of transaction.state.jobs.values())
    if (definition.starts.some(({ on }) => on === name)) transaction.touchJob(id);
}

/**
 * After a restart: every delay goes on. Where the steady clock does too (`goesOn`), whatever the host's was set to
 * meanwhile; else by the host's clock, and from here on the new scale.
 */
export function resumeDelays(transaction: Transaction, goesOn: boolean): void {
  for (const timer of transaction.state.timers.values()) {
    const kept = goesOn ? timer.due_steady : null;
    const due_steady = kept ?? transaction.steady + timer.due - transaction.now;
    if (kept === null) transaction.change(['timer', timer.id, { ...timer, due_steady }]);
    transaction.ask({
      type: 'wake',
      timer: { kind: 'delay', id: timer.id },
      at: transaction.clockAt(due_steady),
    });
  }
}

/**
 * A delay is over: the event fires once, in the same step in which its timer goes. Who wakes us says so: by a clock
 * that was set back meanwhile it would be over much later.
 */
export function delayDue(transaction: Transaction, id: string): void {
  const timer = transaction.state.timers.get(id);
  if (!timer) return;
  transaction.change(['timer', id, null]);
  touchStarting(transaction, timer);
  const { name, moment, target } = timer;
  transaction.fired.push({ name, source: 'worker', about: timer, moment, target });
}

/** A named event fired from outside. */
export function fire(transaction: Transaction, name: string): void {
  transaction.fired.push({ name, source: 'mqtt', about: null, moment: null, target: null });
}
