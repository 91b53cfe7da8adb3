import type { FreeForm } from '../config/mask-json.ts';
import { publishedTopic } from '../contract/published.ts';
import { routeOf } from '../contract/routes.ts';
import { topics } from '../contract/topics.ts';
import {
  BRIDGE_ENTITIES,
  FREE_SPACE_NAME,
  formerFreeSpaceEntity,
  freeSpaceEntity,
  type ShownDirectory,
} from './entities/bridge.ts';
import { below, type Entity, type Trigger } from './entities/entity.ts';
import { JOB_ENTITIES, JOB_TRIGGERS } from './entities/job.ts';
import { MOVE_ENTITIES } from './entities/move.ts';
import { WORKER_ENTITIES } from './entities/worker.ts';
import { deviceId, discoveryTopic, entityIdPrefix, parentOf, type Subject, uniqueId } from './ids.ts';

/** What all documents of one run have in common. */
export interface Frame {
  /** Home Assistant's discovery prefix. */
  prefix: string;
  /** `mqtt.base_topic`. */
  base: string;
  instance: string;
  version: string;
}

/** The platform of each component, by key. */
export type Components = Readonly<Record<string, string>>;

/** One device's document, retained on its topic. */
export interface Document {
  topic: string;
  components: Components;
  /** The payload; `linked`: with the device it is reached through, which must be known to Home Assistant then. */
  payload(linked: boolean): string;
}

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
}

interface Table {
  entities: readonly Entity[];
  triggers: readonly Trigger[];
  components: Components;
}

function table(entities: readonly Entity[], triggers: readonly Trigger[] = []): Table {
  const components = [...entities, ...triggers].map(({ key, platform }) => [key, platform]);
  return { entities, triggers, components: Object.fromEntries(components) };
}

const JOB = table(
  JOB_ENTITIES.filter(({ needs }) => needs === undefined),
  JOB_TRIGGERS,
);
const METERED_JOB = table(JOB_ENTITIES, JOB_TRIGGERS);
const WORKER = table(WORKER_ENTITIES);
const MOVE = table(MOVE_ENTITIES);

const FIXED_NAMES: ReadonlySet<string | number> = new Set(
  [...BRIDGE_ENTITIES, ...JOB_ENTITIES, ...WORKER_ENTITIES, ...MOVE_ENTITIES]
    .map(({ name }) => name)
    .concat(FREE_SPACE_NAME),
);

/**
 * What of a document is text of free form: the names of devices and entities, as far as they are no words of ours. All
 * else are ids, topics, templates and fixed words; a directory stands in its template as it is shown in `B/host`.
 */
export function isFreeName(base: string): FreeForm {
  return ([section, ...keys], value) => {
    if (keys.at(-1) !== 'name') return false;
    return section === 'device' ? value !== base : section === 'components' && !FIXED_NAMES.has(value);
  };
}

/** The bridge, with a sensor for the free space of each directory. */
export function bridgeDocument(frame: Frame, directories: readonly ShownDirectory[]): Document {
  return bridgeWith(
    frame,
    directories.map((directory) => freeSpaceEntity(directory, frame.instance)),
  );
}

function bridgeWith(frame: Frame, disks: readonly Entity[]): Document {
  const entities = [...BRIDGE_ENTITIES, ...disks];
  const device = { name: frame.base, model: 'Bridge', sw_version: frame.version };
  return document(frame, { kind: 'bridge' }, device, table(entities));
}

/** What a device was, as far as that is known when all that is left of it are the keys of its components. */
export function formerDocument(frame: Frame, subject: Subject, keys: readonly string[]): Document {
  switch (subject.kind) {
    case 'bridge':
      return bridgeWith(
        frame,
        keys.flatMap((key) => formerFreeSpaceEntity(key) ?? []),
      );
    case 'job':
      return jobDocument(frame, subject.job, subject.job, keys.some(isMetered));
    case 'worker':
      return workerDocument(frame, subject.job, subject.job, subject.slot);
    case 'move':
      return moveDocument(frame, subject.move, subject.move);
  }
}

/** Whether a component is one that a job has only where energy is set up. */
const isMetered = (key: string) => key in METERED_JOB.components && !(key in JOB.components);

/** The document of a job's device; `metered`: energy is set up. */
export function jobDocument(frame: Frame, job: string, title: string, metered = false): Document {
  const device = { name: title, model: 'Job' };
  return document(frame, { kind: 'job', job }, device, metered ? METERED_JOB : JOB);
}

/** The document of a slot's device; `title` is its job's. */
export function workerDocument(frame: Frame, job: string, title: string, slot: number): Document {
  const device = { name: `${title} worker ${slot}`, model: 'Worker' };
  return document(frame, { kind: 'worker', job, slot }, device, WORKER);
}

/** The document of a move's device. */
export function moveDocument(frame: Frame, move: string, title: string): Document {
  return document(frame, { kind: 'move', move }, { name: title, model: 'Move' }, MOVE);
}

/**
 * A device document (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload). A key that Home
 * Assistant doesn't know at the root, in `device` or in `origin` makes it refuse the whole document.
 */
function document(
  frame: Frame,
  subject: Subject,
  about: { name: string; model: string; sw_version?: string },
  { entities, triggers, components }: Table,
): Document {
  const { prefix, base, instance, version } = frame;
  const id = deviceId(instance, subject);
  const parent = parentOf(subject);
  const place = { id, root: rootOf(base, subject), entityIds: entityIdPrefix(base, subject) };
  const device = { identifiers: [id], ...about, manufacturer: 'plot2mqtt' };
  return {
    topic: discoveryTopic(prefix, id),
    components,
    payload: (linked) =>
      JSON.stringify({
        device: linked && parent ? { ...device, via_device: deviceId(instance, parent) } : device,
        origin: { name: 'plot2mqtt', sw_version: version },
        availability: [{ topic: topics(base).bridgeState }],
        qos: 1,
        components: {
          ...Object.fromEntries(entities.map((entity) => [entity.key, component(entity, place)])),
          ...Object.fromEntries(triggers.map((trigger) => [trigger.key, triggerComponent(trigger, place)])),
        },
      }),
  };
}

interface Place {
  id: string;
  /** The topic that those of the entities are below. */
  root: string;
  entityIds: string;
}

function rootOf(base: string, subject: Subject): string {
  switch (subject.kind) {
    case 'bridge':
      return base;
    case 'job':
      return topics(base).job(subject.job);
    case 'worker':
      return topics(base).worker(subject.job, subject.slot);
    case 'move':
      return topics(base).move(subject.move);
  }
}

/** The entity's id is given to every entity: without it, one added after a rename would be called by the new name. */
function component(entity: Entity, { id, root, entityIds }: Place): object {
  const { key, platform, state, command, json_attributes_template, needs: _, ...options } = entity;
  const topic = state === undefined ? undefined : below(root, state);
  return {
    platform,
    unique_id: uniqueId(id, key),
    default_entity_id: `${platform}.${entityIds}_${key}`,
    ...(topic !== undefined && { state_topic: topic }),
    ...(command !== undefined && { command_topic: below(root, command) }),
    ...(json_attributes_template !== undefined && { json_attributes_topic: topic, json_attributes_template }),
    ...options,
  };
}

function triggerComponent({ platform, topic, type, subtype }: Trigger, { root }: Place): object {
  return { platform, automation_type: 'trigger', topic: below(root, topic), type, subtype };
}

/** Whether a topic is one that entities read their state from. */
export function isStateTopic(base: string, topic: string): boolean {
  const route = routeOf(base, topic);
  if (route === undefined || route.key !== null) return false;
  const { rows = {} } = publishedTopic(route.kind);
  return route.kind === 'bridgeState' || Object.values(rows).some(({ entity }) => entity !== undefined);
}
