import { WORKER_STATUSES, type WorkerView } from '../../contract/views.ts';
import { templatesFor } from '../templates.ts';
import { button, DIAGNOSTIC, type Entity, flag, oneOf, PROGRESS, sensor, TIMESTAMP } from './entity.ts';

const { value, tail, attribute } = templatesFor<WorkerView>();

/** A slot's entities, below `B/job/<job>/worker/<slot>`. */
export const WORKER_ENTITIES: readonly Entity[] = [
  sensor('status', 'Status', value('status'), { ...oneOf(WORKER_STATUSES), icon: 'mdi:state-machine' }),
  sensor('stage', 'Stage', value('stage'), {
    json_attributes_template: attribute('stage_title'),
    icon: 'mdi:format-list-numbered',
  }),
  sensor('progress', 'Progress', value('progress'), PROGRESS),
  sensor('started', 'Started', value('started_at'), TIMESTAMP),
  sensor('eta', 'ETA', value('eta'), TIMESTAMP),
  sensor('plot', 'Plot', tail('plot'), { ...DIAGNOSTIC, icon: 'mdi:file-outline' }),
  button('dismiss', 'Dismiss', 'do/dismiss', { icon: 'mdi:stop' }),
  flag('paused', 'Paused', value('paused'), { icon: 'mdi:pause-circle-outline' }),
];
