import type { BindableMoment } from '../../contract/events.ts';
import type { BoundEvent } from '../../config/schema/job.ts';
import type { JobState, TimerState, WorkerState } from '../model/state.ts';
import type { Fired, Turn } from '../transaction.ts';

/** A moment in a worker's life to which named events may be bound. */
export interface Moment {
  on: BindableMoment;
  stage?: string;
  percent?: number;
}

/** Whether a job's bound event means this moment. */
export function isBoundTo(bound: BoundEvent, moment: Moment): boolean {
  return bound.on === moment.on && bound.stage === moment.stage && bound.percent === moment.percent;
}

/** Fires every named event that the worker's job has bound to the moment, now or after its delay. */
export function fireBound(turn: Turn, job: JobState, worker: WorkerState, moment: Moment): void {
  if (!job.definition.emit_events || worker.dismissed) return;
  for (const bound of job.definition.events) {
    if (!isBoundTo(bound, moment)) continue;
    const about = { job: job.id, slot: worker.slot, worker: worker.id };
    if (bound.delay) delay(turn, bound.fire, bound.delay, about);
    else turn.fired.push({ name: bound.fire, source: 'worker', about });
  }
}

/** The same for job_end, which also comes when a dismissed worker's plot was the last one. */
export function fireJobEnd(turn: Turn, job: JobState, worker: WorkerState): void {
  fireBound(turn, job, { ...worker, dismissed: false }, { on: 'job_end' });
}

/** Percentages bound to named events by this job, above `from` up to `to`, in order, each once. */
export function boundPercents(job: JobState, from: number, to: number): number[] {
  const percents = new Set<number>();
  for (const { percent } of job.definition.events)
    if (percent !== undefined && percent > from && percent <= to) percents.add(percent);
  return [...percents].sort((a, b) => a - b);
}

function delay(
  turn: Turn,
  name: string,
  seconds: number,
  about: Omit<TimerState, 'id' | 'name' | 'due' | 'due_steady'>,
): void {
  let id = turn.surroundings.random();
  while (turn.state.timers.has(id)) id = turn.surroundings.random();
  const due = turn.now + seconds * 1000;
  const due_steady = turn.steady + seconds * 1000;
  turn.change(['timer', id, { id, name, due, due_steady, ...about }]);
  turn.ask({ type: 'wake', key: `timer:${id}`, at: due });
}

/**
 * After a restart: every delay goes on. Where the steady clock does too (`goesOn`), whatever the host's was set to
 * meanwhile; else by the host's clock, and from here on the new scale.
 */
export function resumeDelays(turn: Turn, goesOn: boolean): void {
  for (const timer of turn.state.timers.values()) {
    const kept = goesOn ? timer.due_steady : undefined;
    const due_steady = kept ?? turn.steady + timer.due - turn.now;
    if (kept === undefined) turn.change(['timer', timer.id, { ...timer, due_steady }]);
    turn.ask({ type: 'wake', key: `timer:${timer.id}`, at: turn.clockAt(due_steady) });
  }
}

/**
 * A delay is over: the event fires once, in the same step in which its timer goes. Who wakes us says so: by a clock
 * that was set back meanwhile it would be over much later.
 */
export function timerDue(turn: Turn, id: string): void {
  const timer = turn.state.timers.get(id);
  if (!timer) return;
  turn.change(['timer', id, null]);
  turn.fired.push({ name: timer.name, source: 'worker', about: timer });
}

/** A named event fired from outside, or by the daemon itself. */
export function fire(turn: Turn, name: string, source: Fired['source']): void {
  turn.fired.push({ name, source, about: null });
}
