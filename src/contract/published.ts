import type { EngineEvent } from './events.ts';
import type { HostFigures } from './host-figures.ts';
import type { BridgeHealth, BridgeInfo, BridgeStats, JobView, WorkerView } from './views.ts';

/** What stands on each kind of topic. `jobKey` and `workerKey` carry one plain value each. */
export interface TopicPayloads {
  bridgeState: 'online' | 'offline';
  bridgeInfo: BridgeInfo;
  bridgeHealth: BridgeHealth;
  bridgeStats: BridgeStats;
  host: HostFigures;
  event: EngineEvent;
  jobEvent: EngineEvent;
  job: JobView;
  jobKey: string;
  worker: WorkerView;
  workerKey: string;
}
export type TopicKind = keyof TopicPayloads;

/** Whether a broker keeps the latest message of a kind of topic (contract, section 4). */
export const RETAINED = {
  bridgeState: true,
  bridgeInfo: true,
  bridgeHealth: true,
  bridgeStats: true,
  host: true,
  event: false,
  jobEvent: false,
  job: true,
  jobKey: true,
  worker: true,
  workerKey: true,
} as const satisfies Record<TopicKind, boolean>;

/** A list of a view's keys, of which none may be forgotten: the compiler refuses one that lacks a key. */
function everyKey<View>() {
  return <const Keys extends readonly (keyof View)[]>(
    keys: Keys &
      ([keyof View] extends [Keys[number]] ? unknown : { forgotten: Exclude<keyof View, Keys[number]> }),
  ): Keys => keys;
}

/** Every key of a job has a plain topic of its own. */
export const JOB_KEYS = everyKey<JobView>()([
  'id',
  'title',
  'plotter',
  'state',
  'blocked_reason',
  'enabled',
  'emit_events',
  'paused',
  'max_workers',
  'plots_to_do',
  'plots_done',
  'plots_remaining',
  'workers',
  'pending',
  'progress',
  'eta',
  'failures',
  'last_error',
  'last_plot',
  'last_plot_at',
  'last_plot_duration_s',
  'average_plot_duration_s',
  'waiting_for',
  'waiting_text',
  'next_start_at',
]);
export type JobKey = (typeof JOB_KEYS)[number];

/** All keys of a worker's object, and those of them that have a plain topic. */
export const WORKER_OBJECT_KEYS = everyKey<WorkerView>()([
  'worker',
  'status',
  'paused',
  'stage',
  'stage_title',
  'progress',
  'pid',
  'plot',
  'plot_id',
  'started_at',
  'eta',
  'error',
  'waits',
]);
export const WORKER_KEYS = [
  'status',
  'paused',
  'stage',
  'waits',
  'progress',
  'eta',
] as const satisfies readonly (keyof WorkerView)[];
export type WorkerKey = (typeof WORKER_KEYS)[number];
