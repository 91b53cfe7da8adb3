import { WORKER_ROWS } from '../../contract/rows/worker.ts';
import { bySettable, button, type Entity } from './entity.ts';
import { entitiesOf } from './of-rows.ts';

const { settings, shown } = bySettable(entitiesOf('', WORKER_ROWS));

/** A slot's entities, below `B/job/<job>/worker/<slot>`. */
export const WORKER_ENTITIES: readonly Entity[] = [
  ...shown,
  button('dismiss', 'Dismiss', 'do/dismiss', { icon: 'mdi:stop' }),
  ...settings,
];
