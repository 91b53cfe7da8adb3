import type { JobAction } from './commands.ts';
import type { EngineEvent, EventType } from './events.ts';
import { PUBLISHED, PUBLISHED_KINDS, pathsOf, publishedTopic, type SingleKind } from './published.ts';
import type { MoveSettings } from './moves.ts';
import type { JOB_ROWS } from './rows/job.ts';
import type { MOVE_ROWS } from './rows/move.ts';
import type { PlainKey } from './rows/row.ts';
import type { WORKER_ROWS } from './rows/worker.ts';

type JobKey = PlainKey<typeof JOB_ROWS>;
type WorkerKey = PlainKey<typeof WORKER_ROWS>;
type MoveKey = PlainKey<typeof MOVE_ROWS>;

/** All on which something is retained, and of these the objects of which there may be several. */
const RETAINED = PUBLISHED_KINDS.map(publishedTopic).filter(({ retained }) => retained);
const OBJECTS = RETAINED.filter(({ path, rows }) => rows && path.includes('<'));
const filterFor = (path: string) => path.replace(/<\w+>/g, '+');

/** Whether daemons on these base topics get in each other's way. */
export function areInEachOther(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}
/** What an event says of whom it is about; those of moves say which one. */
type AnyEvent = Pick<EngineEvent, 'job' | 'type'> & { readonly move?: unknown };

/** Builds every topic below one base topic. */
export type Topics = ReturnType<typeof topics>;

/** The topics of contract sections 4 and 5 below `base`. */
export function topics(base: string) {
  const single = (kind: SingleKind) => `${base}/${PUBLISHED[kind].path}`;
  const job = (id: string) => `${base}/job/${id}`;
  const worker = (id: string, slot: number) => `${base}/job/${id}/worker/${slot}`;
  return {
    base,
    /** Of a kind of which there is one. */
    single,
    bridgeState: single('bridgeState'),
    bridgeInfo: single('bridgeInfo'),
    event: single('event'),
    job,
    jobKey: (id: string, key: JobKey) => `${base}/job/${id}/${key}`,
    jobEvent: (id: string, type: EventType | '+') => `${base}/job/${id}/event/${type}`,
    worker,
    workerKey: (id: string, slot: number, key: WorkerKey) => `${base}/job/${id}/worker/${slot}/${key}`,
    /** Where commands go. */
    jobSet: (id: string) => `${base}/job/${id}/set`,
    jobSetField: (id: string, field: string) => `${base}/job/${id}/set/${field}`,
    jobDo: (id: string, action: JobAction) => `${base}/job/${id}/do/${action}`,
    workerDismiss: (id: string, slot: number) => `${base}/job/${id}/worker/${slot}/do/dismiss`,
    workerSetPaused: (id: string, slot: number) => `${base}/job/${id}/worker/${slot}/set/paused`,
    jobHold: (id: string, name: string) => `${base}/job/${id}/hold/${name}`,
    move: (id: string) => `${base}/move/${id}`,
    moveKey: (id: string, key: MoveKey) => `${base}/move/${id}/${key}`,
    moveEvent: (id: string, type: EventType | '+') => `${base}/move/${id}/event/${type}`,
    moveSet: (id: string, field: keyof MoveSettings) => `${base}/move/${id}/set/${field}`,
    farmSet: (field: 'max_workers') => `${base}/farm/set/${field}`,
    farmStop: `${base}/farm/do/stop`,
    farmHold: (name: string) => `${base}/farm/hold/${name}`,
    fire: (name: string) => `${base}/fire/${name}`,
    request: (rest: string) => `${base}/bridge/request/${rest}`,
    response: (rest: string) => `${base}/bridge/response/${rest}`,
    /** The topics on which an event is published. */
    ofEvent: ({ job: of, type, move }: AnyEvent): string[] => [
      `${base}/event`,
      ...(typeof move === 'string' ? [`${base}/move/${move}/event/${type}`] : []),
      ...(of === null ? [] : [`${base}/job/${of}/event/${type}`]),
    ],
    /**
     * What to subscribe to for commands. `#` also matches its parent (MQTT 5, section 4.7.1.2), so `set` itself is
     * among them, and what lies too deep gets its answer. No state topic matches any of these.
     */
    commandFilters: [
      `${base}/job/+/set/#`,
      `${base}/job/+/do/#`,
      `${base}/job/+/hold/#`,
      `${base}/job/+/worker/+/set/#`,
      `${base}/job/+/worker/+/do/#`,
      `${base}/move/+/set/#`,
      `${base}/move/+/do/#`,
      `${base}/farm/hold/#`,
      `${base}/farm/set/#`,
      `${base}/farm/do/#`,
      `${base}/fire/#`,
      `${base}/bridge/request/#`,
    ],
    /** What to look at for retained objects of jobs and slots that are gone. */
    objectFilters: OBJECTS.map(({ path }) => `${base}/${filterFor(path)}`),
    /** What to look at for all that is retained; `isRetained` tells it from what isn't ours. */
    retainedFilters: RETAINED.flatMap(pathsOf).map((path) => `${base}/${filterFor(path)}`),
  };
}
