import { CONFIG } from '../../contract/rows/entity.ts';
import { JOB_ROWS } from '../../contract/rows/job.ts';
import { aboveZero, blockedText, isNotWord, joined } from '../templates.ts';
import { bySettable, button, type Entity, type Trigger } from './entity.ts';
import { JOB_EVENT, STAGE_EVENT, triggerOn } from './events.ts';
import { entitiesOf } from './of-rows.ts';

const { settings, shown } = bySettable(entitiesOf('', JOB_ROWS));

/** A job's entities, below `B/job/<job>`. */
export const JOB_ENTITIES: readonly Entity[] = [
  ...settings,
  {
    ...{ key: 'problem', platform: 'binary_sensor', name: 'Problem', state: '', device_class: 'problem' },
    ...{ value_template: isNotWord('blocked_reason', 'none'), payload_on: 'True', payload_off: 'False' },
    json_attributes_template: blockedText(),
  },
  ...shown,
  {
    ...{ key: 'held_by', platform: 'sensor', name: 'Held by', state: '', icon: 'mdi:hand-back-left' },
    value_template: joined('holds'),
  },

  button('start_worker', 'Start worker', 'do/start', { icon: 'mdi:play' }),
  button('dismiss_all', 'Dismiss all', 'do/dismiss', { icon: 'mdi:stop' }),
  button('reset', 'Reset', 'do/reset', { ...CONFIG, icon: 'mdi:restore' }),

  JOB_EVENT,
  STAGE_EVENT,
];

/** The same of a job whose `max_workers` isn't 0, which is no limit: a slider or a slip must not take the limit away. */
export function limited(entities: readonly Entity[]): Entity[] {
  return entities.map((entity) =>
    entity.key === 'max_workers' ? { ...entity, min: 1, value_template: aboveZero('max_workers') } : entity,
  );
}

/**
 * The same of one whose `max_workers` is 0. It reads another topic, the plain one, for Home Assistant asks for a value again
 * only where an entity's topic is another: the 0 came before this form did, when it was no value.
 */
export function unlimited(entities: readonly Entity[]): Entity[] {
  return entities.map((entity) => {
    if (entity.key !== 'max_workers') return entity;
    const { value_template: _, ...plain } = entity;
    return { ...plain, state: 'max_workers' };
  });
}

export const JOB_TRIGGERS: readonly Trigger[] = [
  triggerOn('job_end', 'job'),
  triggerOn('job_blocked', 'job'),
  triggerOn('worker_end', 'worker'),
  triggerOn('worker_failed', 'worker'),
];
