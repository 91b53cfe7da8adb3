import type { Values } from './rows/carriers.ts';
import type { ENVELOPE, EVENT_ROWS } from './rows/events.ts';

/** Why a job is held (contract, section 4). */
export const BLOCKED_REASONS = [
  'none',
  'failing',
  'missing_argument',
  'missing_directory',
  'dest_full',
  'temp_full',
] as const;
export type BlockedReason = (typeof BLOCKED_REASONS)[number];

export const UNBLOCKED_REASONS = ['started', 'reset', 'enabled', 'found', 'room'] as const;
export type UnblockedReason = (typeof UNBLOCKED_REASONS)[number];

/** Who has fired a named event. */
export const EVENT_SOURCES = ['worker', 'mqtt', 'daemon'] as const;
export const WORKER_RESULTS = ['done', 'failed'] as const;

/** What an event says beside its envelope, by type. */
export type EventKeys = { [Type in EventType]: Values<(typeof EVENT_ROWS)[Type]['keys']> };
export type EventType = keyof typeof EVENT_ROWS;

/** Moments of a worker's life that a named event may be bound to (contract, section 3). */
export const BINDABLE_MOMENTS = [
  'worker_started',
  'pre_process_started',
  'pre_process_finished',
  'plotter_started',
  'stage_started',
  'stage_finished',
  'progress',
  'plotter_finished',
  'post_process_started',
  'post_process_finished',
  'worker_waiting',
  'worker_stalled',
  'worker_failed',
  'worker_end',
  'job_end',
  'move_finished',
] as const;

/** What every event has. */
export type Envelope<Type extends EventType = EventType> = Omit<
  Values<typeof ENVELOPE>,
  'type' | 'event_type'
> & { type: Type; event_type: Type };

/** An event as it is written down and published. */
export type EngineEvent = { [Type in EventType]: Envelope<Type> & EventKeys[Type] }[EventType];
