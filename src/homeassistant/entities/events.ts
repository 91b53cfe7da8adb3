import type { EventType } from '../../contract/events.ts';
import { EVENT_ROWS, EVENT_TYPES, type EventRow } from '../../contract/rows/events.ts';
import { eventsBut, eventsOf } from '../templates.ts';
import type { Entity, Trigger } from './entity.ts';

const toldBy = (type: EventType): EventRow['toldBy'] => {
  const row: EventRow = EVENT_ROWS[type];
  return row.toldBy;
};
const FARM = EVENT_TYPES.filter((type) => toldBy(type) === 'farm');
const STAGES = EVENT_TYPES.filter((type) => toldBy(type) === 'stages');
const JOB = EVENT_TYPES.filter((type) => toldBy(type) !== 'stages' && toldBy(type) !== 'none');

/** The bridge's: what happens to the farm, in a few lines of the logbook for each plot. */
export const FARM_EVENT: Entity = {
  ...{ key: 'event', platform: 'event', name: 'Event', state: 'event', icon: 'mdi:bell-ring-outline' },
  event_types: FARM,
  value_template: eventsOf(FARM),
};

/** A job's: all that its workers go through but stages, which have one of their own. */
export const JOB_EVENT: Entity = {
  ...{ key: 'event', platform: 'event', name: 'Event', state: 'event/+', icon: 'mdi:bell-ring-outline' },
  event_types: JOB,
  value_template: eventsBut(EVENT_TYPES.filter((type) => !JOB.includes(type))),
};

/** A job's stages. */
export const STAGE_EVENT: Entity = {
  ...{ key: 'stage_event', platform: 'event', name: 'Stage event', state: 'event/+' },
  ...{ icon: 'mdi:format-list-numbered', enabled_by_default: false },
  event_types: STAGES,
  value_template: eventsOf(STAGES),
};

/** A device trigger for each event of one type; the event is in `trigger.payload_json`. */
export function triggerOn(type: EventType, subtype: string): Trigger {
  return { key: `trigger_${type}`, platform: 'device_automation', topic: `event/${type}`, type, subtype };
}
