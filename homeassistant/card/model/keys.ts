/**
 * The keys of the daemon's entities that are read here. A test compares them with the daemon's tables; as types they
 * keep any other key from being asked for.
 */
export const BRIDGE_KEYS = [
  ...(['connection', 'event', 'problem', 'pause', 'drain', 'max_workers', 'last_end', 'disks_full'] as const),
  ...(['running_workers', 'plots_done', 'plots_today', 'plots_per_day'] as const),
] as const;
export const JOB_KEYS = [
  ...(['state', 'waiting_for', 'waiting_starts', 'next_start', 'held_by', 'last_error'] as const),
  ...(['plots_done', 'plots_to_do', 'plots_per_day', 'progress', 'eta', 'average_plot_duration'] as const),
  ...(['running_workers', 'max_workers', 'enabled', 'paused'] as const),
  ...(['start_worker', 'dismiss_all', 'reset'] as const),
] as const;
export const WORKER_KEYS = [
  ...(['status', 'phase', 'stage', 'progress', 'started', 'eta', 'paused', 'problem', 'dismiss'] as const),
] as const;
export const MOVE_KEYS = [
  ...(['state', 'files_moving', 'files_waiting', 'speed', 'enabled', 'paused'] as const),
] as const;

export type BridgeKey = (typeof BRIDGE_KEYS)[number];
export type JobKey = (typeof JOB_KEYS)[number];
export type WorkerKey = (typeof WORKER_KEYS)[number];
export type MoveKey = (typeof MOVE_KEYS)[number];
