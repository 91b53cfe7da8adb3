import { MOVE_ROWS } from '../../contract/rows/move.ts';
import { EVENT_TYPES } from '../../contract/rows/events.ts';
import { activeMoves, count, moveProblem } from '../templates.ts';
import { bySettable, type Entity } from './entity.ts';
import { entitiesOf } from './of-rows.ts';

const { settings, shown } = bySettable(entitiesOf('', MOVE_ROWS));

/** A move's entities, below `B/move/<move>`. */
export const MOVE_ENTITIES: readonly Entity[] = [
  ...settings,
  {
    ...{ key: 'problem', platform: 'binary_sensor', name: 'Problem', state: '', device_class: 'problem' },
    ...{ value_template: moveProblem(), payload_on: 'True', payload_off: 'False' },
  },
  {
    ...{ key: 'state', platform: 'sensor', name: 'State', state: '', icon: 'mdi:state-machine' },
    ...{ device_class: 'enum', options: MOVE_ROWS.state.is.words ?? [] },
    value_template: '{{ value_json.state if value else none }}',
    json_attributes_template: activeMoves(),
  },
  ...shown,
  {
    ...{
      key: 'files_moving',
      platform: 'sensor',
      name: 'Files moving',
      state: '',
      value_template: count('active'),
    },
    ...{ unit_of_measurement: 'files', state_class: 'measurement', icon: 'mdi:truck-fast-outline' },
  },
  {
    ...{ key: 'event', platform: 'event', name: 'Event', state: 'event/+', icon: 'mdi:bell-ring-outline' },
    event_types: EVENT_TYPES.filter((type) => type.startsWith('move_')),
  },
];
