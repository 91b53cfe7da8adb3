import { EVENT_TYPES, type EventType } from '../../contract/events.ts';
import { eventsBut } from '../templates.ts';
import type { Entity, Trigger } from './entity.ts';

/** Too frequent for Home Assistant: each is a row in its recorder and a line in its logbook. */
const FREQUENT: readonly EventType[] = ['progress'];

/** An event entity for all events but the frequent ones. `state` may hold a wildcard. */
export function eventsOn(state: string): Entity {
  return {
    key: 'event',
    platform: 'event',
    name: 'Event',
    state,
    event_types: EVENT_TYPES.filter((type) => !FREQUENT.includes(type)),
    value_template: eventsBut(FREQUENT),
    icon: 'mdi:bell-ring-outline',
  };
}

/** A device trigger for each event of one type; the event is in `trigger.payload_json`. */
export function triggerOn(type: EventType, subtype: string): Trigger {
  return { key: `trigger_${type}`, platform: 'device_automation', topic: `event/${type}`, type, subtype };
}
