import { type Carrier, oneOf } from './rows/carriers.ts';
import { ENVELOPE, EVENT_ROWS } from './rows/events.ts';
import { FARM_ROWS } from './rows/farm.ts';
import { FILE_SYSTEM_ROWS } from './rows/filesystems.ts';
import { HEALTH_ROWS } from './rows/health.ts';
import { HOST_ROWS } from './rows/host.ts';
import { INFO_ROWS } from './rows/info.ts';
import { JOB_ROWS } from './rows/job.ts';
import { MOVE_ROWS } from './rows/move.ts';
import { carriersOf, plainKeysOf, type Rows, type View } from './rows/row.ts';
import { STATS_ROWS } from './rows/stats.ts';
import { WORKER_ROWS } from './rows/worker.ts';

/** All that is to be said of one kind of topic. */
export interface PublishedTopic {
  /** Below the base topic; a level in `<…>` stands for what is told apart there. */
  readonly path: string;
  /** Whether a broker keeps its latest message. */
  readonly retained: boolean;
  /** When it comes or what it is, for the documentation. */
  readonly says: string;
  /** The keys of the object on it; those with a plain topic have it below this one. */
  readonly rows?: Rows;
  /** What the one value on it is, under the last level of its path. */
  readonly is?: Carrier;
}

/** Every kind of topic that the daemon publishes, but for answers (contract, section 4). */
export const PUBLISHED = {
  bridgeState: {
    path: 'bridge/state',
    retained: true,
    says: '`online` or `offline`; also the last will',
    is: oneOf(['online', 'offline']),
  },
  bridgeInfo: { path: 'bridge/info', retained: true, says: 'at the start', rows: INFO_ROWS },
  bridgeHealth: {
    path: 'bridge/health',
    retained: true,
    says: 'at the start, each minute and when `storage` changes',
    rows: HEALTH_ROWS,
  },
  bridgeStats: { path: 'bridge/stats', retained: true, says: 'when it changes', rows: STATS_ROWS },
  host: { path: 'host', retained: true, says: 'at the start and each 30 s', rows: HOST_ROWS },
  fileSystems: {
    path: 'host/filesystems',
    retained: true,
    says: 'when it changes',
    rows: FILE_SYSTEM_ROWS,
  },
  farm: { path: 'farm', retained: true, says: 'all jobs together', rows: FARM_ROWS },
  event: { path: 'event', retained: false, says: 'every event, in order' },
  jobEvent: { path: 'job/<job>/event/<type>', retained: false, says: 'the events of one job' },
  job: { path: 'job/<job>', retained: true, says: 'a job', rows: JOB_ROWS },
  worker: {
    path: 'job/<job>/worker/<slot>',
    retained: true,
    says: 'the worker in a slot of a job',
    rows: WORKER_ROWS,
  },
  moveEvent: { path: 'move/<move>/event/<type>', retained: false, says: 'the events of one move' },
  move: { path: 'move/<move>', retained: true, says: 'an entry of `moves`', rows: MOVE_ROWS },
} as const satisfies Readonly<Record<string, PublishedTopic>>;

export type PublishedKind = keyof typeof PUBLISHED;
type Of<Kind extends PublishedKind> = (typeof PUBLISHED)[Kind];

/** Kinds of which there is one topic. */
export type SingleKind = {
  [Kind in PublishedKind]: Of<Kind>['path'] extends `${string}<${string}` ? never : Kind;
}[PublishedKind];

/** Kinds of which there is one topic, on which an object stands. */
export type StandingKind = {
  [Kind in SingleKind]: Of<Kind> extends { rows: Rows; retained: true } ? Kind : never;
}[SingleKind];

/** What stands there. */
export type Standing<Kind extends StandingKind> = View<Of<Kind>['rows']>;

/** The topic of one kind, without what only some of them have. */
export function publishedTopic(kind: PublishedKind): PublishedTopic {
  return PUBLISHED[kind];
}

/** All kinds, in the order of the documentation. */
export const PUBLISHED_KINDS = Object.keys(PUBLISHED).filter(
  (kind): kind is PublishedKind => kind in PUBLISHED,
);

/** The paths of a kind of topic: its own, and that of its plain topics. */
export function pathsOf({ path, rows }: PublishedTopic): string[] {
  return rows && plainKeysOf(rows).length > 0 ? [path, `${path}/<key>`] : [path];
}

/** Every key that is published and what it carries, in objects inside objects too. A key may come several times. */
export function everyKey(): [key: string, carrier: Carrier][] {
  return [
    ...Object.values<PublishedTopic>(PUBLISHED).flatMap(({ path, rows = {}, is }) => [
      ...(is ? keysIn({ [path.slice(path.lastIndexOf('/') + 1)]: is }) : []),
      ...keysIn(carriersOf(rows)),
    ]),
    ...keysIn(ENVELOPE),
    ...Object.values(EVENT_ROWS).flatMap(({ keys }) => keysIn(keys)),
  ];
}

function keysIn(carriers: Readonly<Record<string, Carrier>>): [key: string, carrier: Carrier][] {
  return Object.entries(carriers).flatMap(([key, carrier]) => [
    [key, carrier],
    ...(carrier.inside ? keysIn(carrier.inside) : []),
  ]);
}
