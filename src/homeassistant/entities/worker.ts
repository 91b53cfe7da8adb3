import { WORKER_ROWS } from '../../contract/rows/worker.ts';
import { value } from '../templates.ts';
import { bySettable, button, type Entity } from './entity.ts';
import { entitiesOf } from './of-rows.ts';

const { settings, shown } = bySettable(entitiesOf('', WORKER_ROWS));

/** A slot's entities, below `B/job/<job>/worker/<slot>`; its phase comes beside them. */
export const WORKER_ENTITIES: readonly Entity[] = [
  ...shown,
  button('dismiss', 'Dismiss', 'do/dismiss', { icon: 'mdi:stop' }),
  ...settings,
];

/** The phase in words; `titles` are all that it may be. A plotter without phases has none. */
export function phaseEntities(titles: readonly string[]): Entity[] {
  if (titles.length === 0) return [];
  return [
    {
      ...{ key: PHASE, platform: 'sensor', name: 'Phase', state: '', icon: 'mdi:format-list-bulleted' },
      ...{ device_class: 'enum', options: [...new Set(titles)], value_template: value('phase_title') },
    },
  ];
}

export const PHASE = 'phase';
