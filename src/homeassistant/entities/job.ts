import { CONFIG } from '../../contract/rows/entity.ts';
import { JOB_ROWS } from '../../contract/rows/job.ts';
import { bySettable, button, type Entity, type Trigger } from './entity.ts';
import { eventsOn, triggerOn } from './events.ts';
import { entitiesOf } from './of-rows.ts';

const { settings, shown } = bySettable(entitiesOf('', JOB_ROWS));

/** A job's entities, below `B/job/<job>`. */
export const JOB_ENTITIES: readonly Entity[] = [
  ...settings,
  ...shown,

  button('start_worker', 'Start worker', 'do/start', { icon: 'mdi:play' }),
  button('dismiss_all', 'Dismiss all', 'do/dismiss', { icon: 'mdi:stop' }),
  button('reset', 'Reset', 'do/reset', { ...CONFIG, icon: 'mdi:restore' }),

  eventsOn('event/+'),
];

export const JOB_TRIGGERS: readonly Trigger[] = [
  triggerOn('job_end', 'job'),
  triggerOn('job_blocked', 'job'),
  triggerOn('worker_end', 'worker'),
  triggerOn('worker_failed', 'worker'),
];
