import type { EventType } from '../../contract/events.ts';
import { EVENT_ROWS, EVENT_TYPES, type EventRow } from '../../contract/rows/events.ts';
import { eventsBut } from '../templates.ts';
import type { Entity, Trigger } from './entity.ts';

const isFrequent = (type: EventType) => {
  const row: EventRow = EVENT_ROWS[type];
  return row.isFrequent === true;
};

/** An event entity for all events but the frequent ones. `state` may hold a wildcard. */
export function eventsOn(state: string): Entity {
  return {
    key: 'event',
    platform: 'event',
    name: 'Event',
    state,
    event_types: EVENT_TYPES.filter((type) => !isFrequent(type)),
    value_template: eventsBut(EVENT_TYPES.filter(isFrequent)),
    icon: 'mdi:bell-ring-outline',
  };
}

/** A device trigger for each event of one type; the event is in `trigger.payload_json`. */
export function triggerOn(type: EventType, subtype: string): Trigger {
  return { key: `trigger_${type}`, platform: 'device_automation', topic: `event/${type}`, type, subtype };
}
