import type { BlockedReason } from './events.ts';
import type { WaitingView } from './gates.ts';

export const JOB_STATES = ['blocked', 'paused', 'running', 'done', 'disabled', 'idle'] as const;
export type JobStateName = (typeof JOB_STATES)[number];

export const WORKER_STATUSES = [
  'idle',
  'pre_process',
  'plotting',
  'paused',
  'post_process',
  'cleanup',
  'failed',
] as const;
export type WorkerStatus = (typeof WORKER_STATUSES)[number];

/** What `B/job/<job>` shows (contract, section 4). Times are ISO 8601 in UTC, durations seconds. */
export interface JobView extends WaitingView {
  id: string;
  title: string;
  plotter: string;
  state: JobStateName;
  blocked_reason: BlockedReason;
  enabled: boolean;
  emit_events: boolean;
  paused: boolean;
  max_workers: number;
  plots_to_do: number;
  plots_done: number;
  plots_remaining: number | null;
  workers: number;
  pending: number;
  progress: number | null;
  eta: string | null;
  failures: number;
  last_error: string | null;
  last_plot: string | null;
  last_plot_at: string | null;
  last_plot_duration_s: number | null;
  average_plot_duration_s: number | null;
}

/** What moves all the time, and takes a look at every worker of a job. */
export type LivelyView = Pick<JobView, 'progress' | 'eta'>;

/** What `B/job/<job>/worker/<slot>` shows. */
export interface WorkerView {
  worker: string | null;
  status: WorkerStatus;
  paused: boolean;
  stage: string | null;
  stage_title: string | null;
  progress: number | null;
  pid: number | null;
  plot: string | null;
  plot_id: string | null;
  started_at: string | null;
  eta: string | null;
  error: string | null;
  waits: boolean;
}

/** What `B/bridge/stats` shows. */
export interface BridgeStats {
  workers: number;
  plots_done: number;
  plots_today: number;
}

/** The version of the public contract: topics, payloads, commands. */
export const CONTRACT_VERSION = 1;

/** What `B/bridge/info` shows. */
export interface BridgeInfo {
  version: string;
  instance: string;
  base_topic: string;
  contract: typeof CONTRACT_VERSION;
  plotters: { id: string; title: string }[];
}

/** What `B/bridge/health` shows. */
export interface BridgeHealth {
  uptime_s: number;
  rss_mib: number;
  event_loop_lag_ms: number;
  workers: number;
  mqtt_queue: number;
  mqtt_dropped: number;
  storage: 'ok' | 'failing';
}
