import type { FreeForm } from '../config/mask-json.ts';
import { publishedTopic } from '../contract/published.ts';
import { routeOf } from '../contract/routes.ts';
import { deviceDocument, type Document, type Frame, table } from './device-document.ts';
import { BRIDGE_ENTITIES, formerHold, HOLD_NAMES, holdEntity, type ShownHold } from './entities/bridge.ts';
import type { Entity } from './entities/entity.ts';
import {
  FILE_SYSTEM_NAMES,
  fileSystemEntities,
  formerFileSystemEntity,
  type ShownFileSystem,
} from './entities/file-systems.ts';
import { JOB_ENTITIES, JOB_TRIGGERS, limited, unlimited } from './entities/job.ts';
import { MOVE_ENTITIES } from './entities/move.ts';
import { PHASE, phaseEntities, WORKER_ENTITIES } from './entities/worker.ts';
import { deviceId, discoveryTopic, type Subject } from './ids.ts';

/** Where the document of a device stands. */
export function topicOf({ prefix, instance }: Frame, subject: Subject): string {
  return discoveryTopic(prefix, deviceId(instance, subject));
}

/** Where the bridge's document stands, by which a live daemon of an instance is found. */
export function bridgeTopic(prefix: string, instance: string): string {
  return discoveryTopic(prefix, deviceId(instance, { kind: 'bridge' }));
}

/** The base topic of whoever has published a document; `undefined` where it doesn't say. */
export function baseInBridgeDocument(payload: string): string | undefined {
  try {
    const [, base] = /^(.+)\/bridge\/state$/.exec(JSON.parse(payload).availability[0].topic) ?? [];
    return base;
  } catch {
    return undefined;
  }
}

/** Of a job: what its devices show. */
export interface JobDevices {
  title: string;
  slots: readonly number[];
  /** Energy is set up. */
  metered?: boolean;
  /** Its `max_workers` isn't 0. */
  limited?: boolean;
  /** Titles of all phases that its workers may be in. */
  phases?: readonly string[];
}

/** Of the bridge: what it shows beside what is always there. */
export interface BridgeDevice {
  holds: readonly ShownHold[];
  fileSystems: readonly ShownFileSystem[];
}

const tablesOf = (entities: readonly Entity[]) => ({
  free: table(unlimited(entities), JOB_TRIGGERS),
  bound: table(limited(entities), JOB_TRIGGERS),
});
const JOB = tablesOf(JOB_ENTITIES.filter(({ needs }) => needs === undefined));
const METERED_JOB = tablesOf(JOB_ENTITIES);
const MOVE = table(MOVE_ENTITIES);

const FIXED_NAMES: ReadonlySet<string | number> = new Set(
  [...BRIDGE_ENTITIES, ...JOB_ENTITIES, ...WORKER_ENTITIES, ...MOVE_ENTITIES, ...phaseEntities(['-'])]
    .map(({ name }) => name)
    .concat(FILE_SYSTEM_NAMES, HOLD_NAMES),
);

/**
 * What of a document is text of free form: the names of devices and entities, as far as they are no words of ours, and
 * the titles of phases. All else are ids, topics, templates and fixed words; a mount point stands in its template as it
 * is shown in `B/host/filesystems`.
 */
export function isFreeName(base: string): FreeForm {
  return ([section, ...keys], value) => {
    if (section === 'components' && keys[0] === PHASE && keys[1] === 'options') return true;
    if (keys.at(-1) !== 'name') return false;
    return section === 'device' ? value !== base : section === 'components' && !FIXED_NAMES.has(value);
  };
}

/** The bridge, with a switch for each hold and the entities of each file system. */
export function bridgeDocument(frame: Frame, { holds, fileSystems }: BridgeDevice): Document {
  const disks = fileSystems.flatMap((each) => fileSystemEntities(each, frame.instance));
  return bridgeWith(frame, holds, disks);
}

function bridgeWith(frame: Frame, holds: readonly ShownHold[], disks: readonly Entity[]): Document {
  const entities = [...BRIDGE_ENTITIES, ...holds.map(holdEntity), ...disks];
  const device = { name: frame.base, model: 'Bridge', sw_version: frame.version };
  return deviceDocument(frame, { kind: 'bridge' }, device, table(entities));
}

/** What a device was, as far as that is known when all that is left of it are the keys of its components. */
export function formerDocument(frame: Frame, subject: Subject, keys: readonly string[]): Document {
  switch (subject.kind) {
    case 'bridge':
      return bridgeWith(
        frame,
        keys.flatMap((key) => formerHold(key) ?? []),
        keys.flatMap((key) => formerFileSystemEntity(key) ?? []),
      );
    case 'job':
      return jobDocument(frame, subject.job, { title: subject.job, metered: keys.some(isMetered) });
    case 'worker': {
      const phases = keys.includes(PHASE) ? ['none'] : [];
      return workerDocument(frame, subject.job, { title: subject.job, phases }, subject.slot);
    }
    case 'move':
      return moveDocument(frame, subject.move, subject.move);
  }
}

/** Whether a component is one that a job has only where energy is set up. */
const isMetered = (key: string) => JOB_ENTITIES.some((entity) => entity.key === key && entity.needs);

type JobLook = Omit<JobDevices, 'slots'>;

/** The document of a job's device. */
export function jobDocument(frame: Frame, job: string, look: JobLook): Document {
  const { free, bound } = look.metered ? METERED_JOB : JOB;
  return deviceDocument(
    frame,
    { kind: 'job', job },
    { name: look.title, model: 'Job' },
    look.limited ? bound : free,
  );
}

/** The document of a slot's device. */
export function workerDocument(frame: Frame, job: string, look: JobLook, slot: number): Document {
  const device = { name: `${look.title} worker ${slot}`, model: 'Worker' };
  const entities = [...WORKER_ENTITIES, ...phaseEntities(look.phases ?? [])];
  return deviceDocument(frame, { kind: 'worker', job, slot }, device, table(entities));
}

/** The document of a move's device. */
export function moveDocument(frame: Frame, move: string, title: string): Document {
  return deviceDocument(frame, { kind: 'move', move }, { name: title, model: 'Move' }, MOVE);
}

/** Whether a topic is one that entities read their state from. */
export function isStateTopic(base: string, topic: string): boolean {
  const route = routeOf(base, topic);
  if (route === undefined || route.key !== null) return false;
  const { rows = {} } = publishedTopic(route.kind);
  if (route.kind === 'bridgeState' || route.kind === 'fileSystems') return true;
  return Object.values(rows).some(({ entity }) => entity !== undefined);
}
