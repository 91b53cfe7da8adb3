import type { EngineEvent, Envelope, EventKeys, EventType } from '../contract/events.ts';

/** Makes an event of its envelope and what it says beside that. */
type Make<Type extends EventType> = (envelope: Envelope<Type>, keys: EventKeys[Type]) => EngineEvent;

const joined = <A extends object, B extends object>(envelope: A, keys: B): A & B => ({
  ...envelope,
  ...keys,
});

// One line for each type: only so can the compiler see that the two belong together.
const MAKE: { [Type in EventType]: Make<Type> } = {
  worker_started: joined,
  pre_process_started: joined,
  pre_process_finished: joined,
  replot_removed: joined,
  replot_would_remove: joined,
  plotter_started: joined,
  stage_started: joined,
  stage_finished: joined,
  progress: joined,
  plotter_finished: joined,
  post_process_started: joined,
  post_process_finished: joined,
  worker_failed: joined,
  worker_end: joined,
  job_end: joined,
  worker_waiting: joined,
  worker_goes_on: joined,
  worker_stalled: joined,
  worker_unstalled: joined,
  worker_dismissed: joined,
  worker_paused: joined,
  worker_resumed: joined,
  worker_recovered: joined,
  event_fired: joined,
  job_created: joined,
  job_updated: joined,
  job_deleted: joined,
  job_blocked: joined,
  job_unblocked: joined,
  hold_set: joined,
  hold_released: joined,
  move_started: joined,
  move_finished: joined,
  move_failed: joined,
  move_idle: joined,
  farm_drained: joined,
};

/** An event of a type. */
export function makeEvent<Type extends EventType>(
  envelope: Envelope<Type>,
  keys: EventKeys[Type],
): EngineEvent {
  return MAKE[envelope.type](envelope, keys);
}
