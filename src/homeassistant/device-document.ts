import { topics } from '../contract/topics.ts';
import { below, type Entity, type Trigger } from './entities/entity.ts';
import { deviceId, discoveryTopic, entityIdPrefix, parentOf, type Subject, slug, uniqueId } from './ids.ts';

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

/** What a device has. */
export interface Table {
  entities: readonly Entity[];
  triggers: readonly Trigger[];
  components: Components;
}

/** The table of these. */
export function table(entities: readonly Entity[], triggers: readonly Trigger[] = []): Table {
  const components = [...entities, ...triggers].map(({ key, platform }) => [key, platform]);
  return { entities, triggers, components: Object.fromEntries(components) };
}

/**
 * A device document (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload). A key that Home
 * Assistant doesn't know at the root, in `device` or in `origin` makes it refuse the whole document.
 */
export function deviceDocument(
  frame: Frame,
  subject: Subject,
  about: { name: string; model: string; sw_version?: string },
  { entities, triggers, components }: Table,
): Document {
  const { prefix, base, instance, version } = frame;
  const id = deviceId(instance, subject);
  const parent = parentOf(subject);
  const { bridgeState } = topics(base);
  const place = {
    ...{ id, bridgeState, root: rootOf(base, subject) },
    entityIds: entityIdPrefix(base, subject),
  };
  const device = { identifiers: [id], ...about, manufacturer: 'plot2mqtt' };
  return {
    topic: discoveryTopic(prefix, id),
    components,
    payload: (linked) =>
      JSON.stringify({
        device: linked && parent ? { ...device, via_device: deviceId(instance, parent) } : device,
        origin: { name: 'plot2mqtt', sw_version: version },
        availability: [{ topic: bridgeState }],
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
  bridgeState: string;
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
function component(entity: Entity, { id, root, entityIds, bridgeState }: Place): object {
  const { key, platform, state, command, json_attributes_template, needs: _, ...rest } = entity;
  const { availableWhere, ...options } = rest;
  const topic = state === undefined ? undefined : below(root, state);
  return {
    platform,
    unique_id: uniqueId(id, key),
    default_entity_id: `${platform}.${entityIds}_${slug(key)}`,
    ...(topic !== undefined && { state_topic: topic }),
    ...(command !== undefined && { command_topic: below(root, command) }),
    ...(json_attributes_template !== undefined && { json_attributes_topic: topic, json_attributes_template }),
    ...options,
    ...(availableWhere && {
      // A list of its own is instead of the document's.
      availability: [
        { topic: bridgeState },
        { topic: below(root, availableWhere.state), value_template: availableWhere.template },
      ],
      availability_mode: 'all',
    }),
  };
}

function triggerComponent({ platform, topic, type, subtype }: Trigger, { root }: Place): object {
  return { platform, automation_type: 'trigger', topic: below(root, topic), type, subtype };
}
