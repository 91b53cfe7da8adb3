import type { Cause } from './causes.ts';
import type { ArgumentValues } from './names.ts';

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

/** What an event says beside its envelope, by type (contract, section 3). Durations are in seconds. */
export interface EventKeys {
  worker_started: { arguments: ArgumentValues; cause: Cause | null; run: string };
  pre_process_started: { pid: number };
  pre_process_finished: { exit_code: number | null; duration_s: number };
  replot_removed: { file: string; size: number };
  plotter_started: { pid: number };
  stage_started: { stage: string; stage_title: string };
  stage_finished: { stage: string; stage_title: string; duration_s: number };
  progress: { percent: number };
  plotter_finished: { exit_code: number | null; plot: string | null; duration_s: number };
  post_process_started: { pid: number };
  post_process_finished: { exit_code: number | null; duration_s: number };
  worker_failed: { error: string };
  worker_end: { result: 'done' | 'failed'; plot: string | null; error: string | null };
  job_end: { plots_done: number };
  worker_waiting: { error: string };
  worker_goes_on: Record<never, never>;
  worker_dismissed: { plot: string | null };
  worker_paused: Record<never, never>;
  worker_resumed: Record<never, never>;
  worker_recovered: Record<never, never>;
  event_fired: {
    name: string;
    source: 'worker' | 'mqtt' | 'daemon';
    /** The moment of a worker's life that it is bound to, else `null`. */
    on: BindableMoment | null;
    stage: string | null;
    percent: number | null;
    /** The other daemon at which it is fired, else `null`. */
    target: string | null;
  };
  job_created: Record<never, never>;
  job_updated: Record<never, never>;
  job_deleted: Record<never, never>;
  job_blocked: { reason: BlockedReason };
  job_unblocked: { reason: UnblockedReason };
}
export type EventType = keyof EventKeys;

/** Every event type, in the order of a worker's life, then what befalls workers and jobs from outside. */
export const EVENT_TYPES = [
  'worker_started',
  'pre_process_started',
  'pre_process_finished',
  'replot_removed',
  'plotter_started',
  'stage_started',
  'stage_finished',
  'progress',
  'plotter_finished',
  'post_process_started',
  'post_process_finished',
  'worker_failed',
  'worker_end',
  'job_end',
  'worker_waiting',
  'worker_goes_on',
  'worker_dismissed',
  'worker_paused',
  'worker_resumed',
  'worker_recovered',
  'event_fired',
  'job_created',
  'job_updated',
  'job_deleted',
  'job_blocked',
  'job_unblocked',
] as const satisfies readonly EventType[];

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
  'worker_failed',
  'worker_end',
  'job_end',
] as const satisfies readonly EventType[];
export type BindableMoment = (typeof BINDABLE_MOMENTS)[number];

/** What every event has: unique id, a number that grows by one, and whom it is about. */
export interface Envelope<Type extends EventType = EventType> {
  id: string;
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  type: Type;
  /** The same as `type`: Home Assistant's event entities read this key. */
  event_type: Type;
  job: string | null;
  slot: number | null;
  worker: string | null;
}

/** An event as it is written down and published. */
export type EngineEvent = { [Type in EventType]: Envelope<Type> & EventKeys[Type] }[EventType];
