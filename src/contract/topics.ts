import type { EngineEvent, EventType } from './events.ts';
import type { BridgeStats, JobView, WorkerView } from './views.ts';
import type { HostFigures } from '../host/figures.ts';

export type { HostFigures };

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

/** Builds every topic below one base topic. */
export type Topics = ReturnType<typeof topics>;

/** Kinds of which there is one topic, on which an object stands, retained. */
export type StandingKind = {
  [Kind in TopicKind & keyof Topics]: Topics[Kind] extends string
    ? TopicPayloads[Kind] extends object
      ? (typeof RETAINED)[Kind] extends true
        ? Kind
        : never
      : never
    : never;
}[TopicKind & keyof Topics];

/** The topics of contract sections 4 and 5 below `base`. */
export function topics(base: string) {
  const job = (id: string) => `${base}/job/${id}`;
  const worker = (id: string, slot: number) => `${base}/job/${id}/worker/${slot}`;
  return {
    base,
    bridgeState: `${base}/bridge/state`,
    bridgeInfo: `${base}/bridge/info`,
    bridgeHealth: `${base}/bridge/health`,
    bridgeStats: `${base}/bridge/stats`,
    host: `${base}/host`,
    event: `${base}/event`,
    job,
    jobKey: (id: string, key: JobKey) => `${base}/job/${id}/${key}`,
    jobEvent: (id: string, type: EventType | '+') => `${base}/job/${id}/event/${type}`,
    worker,
    workerKey: (id: string, slot: number, key: WorkerKey) => `${base}/job/${id}/worker/${slot}/${key}`,
    /** Where commands go. */
    jobSet: (id: string) => `${base}/job/${id}/set`,
    jobSetField: (id: string, field: string) => `${base}/job/${id}/set/${field}`,
    jobDo: (id: string, action: 'start' | 'reset' | 'dismiss') => `${base}/job/${id}/do/${action}`,
    workerDismiss: (id: string, slot: number) => `${base}/job/${id}/worker/${slot}/do/dismiss`,
    workerSetPaused: (id: string, slot: number) => `${base}/job/${id}/worker/${slot}/set/paused`,
    fire: (name: string) => `${base}/fire/${name}`,
    request: (rest: string) => `${base}/bridge/request/${rest}`,
    response: (rest: string) => `${base}/bridge/response/${rest}`,
    /** The topics on which an event is published. */
    ofEvent: (event: Pick<EngineEvent, 'job' | 'type'>): string[] =>
      event.job === null
        ? [`${base}/event`]
        : [`${base}/event`, `${base}/job/${event.job}/event/${event.type}`],
    /**
     * What to subscribe to for commands. `#` also matches its parent (MQTT 5, section 4.7.1.2), so `set` itself is
     * among them, and what lies too deep gets its answer. No state topic matches any of these.
     */
    commandFilters: [
      `${base}/job/+/set/#`,
      `${base}/job/+/do/#`,
      `${base}/job/+/worker/+/set/#`,
      `${base}/job/+/worker/+/do/#`,
      `${base}/fire/#`,
      `${base}/bridge/request/#`,
    ],
    /** What to look at for retained objects of jobs and slots that are gone. */
    objectFilters: [`${base}/job/+`, `${base}/job/+/worker/+`],
    /** What to look at for all that is retained; `isRetained` tells it from what isn't ours. */
    retainedFilters: [
      ...[`${base}/bridge/+`, `${base}/host`],
      ...[`${base}/job/+`, `${base}/job/+/+`, `${base}/job/+/worker/+`, `${base}/job/+/worker/+/+`],
    ],
  };
}

/** Whether a daemon retains something on a topic below its base topic. */
export function isRetained(base: string, topic: string): boolean {
  const { bridgeState, bridgeInfo, bridgeHealth, bridgeStats, host } = topics(base);
  if ([bridgeState, bridgeInfo, bridgeHealth, bridgeStats, host].includes(topic)) return true;
  if (objectRoute(base, topic)) return true;
  const end = topic.lastIndexOf('/');
  const route = objectRoute(base, topic.slice(0, end));
  const keys: readonly string[] = route?.slot === null ? JOB_KEYS : WORKER_KEYS;
  return route !== undefined && keys.includes(topic.slice(end + 1));
}

/** The job, or the slot of a job, whose object stands on a topic. */
export type ObjectRoute = { job: string; slot: number | null };

/** Parses `B/job/<job>` and `B/job/<job>/worker/<slot>`; anything else is `undefined`. */
export function objectRoute(base: string, topic: string): ObjectRoute | undefined {
  if (!topic.startsWith(`${base}/job/`)) return undefined;
  const [job, worker, slot, ...rest] = topic.slice(base.length + 5).split('/');
  if (job === undefined || job === '' || rest.length > 0) return undefined;
  if (worker === undefined) return { job, slot: null };
  const number = parseSlot(slot);
  return worker === 'worker' && number !== undefined ? { job, slot: number } : undefined;
}

/** Whether an object stands on a topic of ours, not one plain value. */
export function isObjectTopic(base: string, topic: string): boolean {
  const { bridgeInfo, bridgeHealth, bridgeStats, host } = topics(base);
  return (
    [bridgeInfo, bridgeHealth, bridgeStats, host].includes(topic) || objectRoute(base, topic) !== undefined
  );
}

/** A slot as it stands in a topic: a whole number from 1 on. */
export function parseSlot(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** Whether a subscription's filter matches a topic (MQTT 5, section 4.7). */
export function filterMatches(filter: string, topic: string): boolean {
  if (filter === topic) return true;
  const wanted = filter.split('/');
  const levels = topic.split('/');
  if (topic.startsWith('$') && (wanted[0] === '#' || wanted[0] === '+')) return false;
  for (const [index, part] of wanted.entries()) {
    if (part === '#') return true;
    if (index >= levels.length || (part !== '+' && part !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
