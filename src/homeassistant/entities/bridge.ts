import { createHash } from 'node:crypto';
import type { BridgeStats } from '../../engine/views.ts';
import type { HostFigures } from '../../mqtt/topics.ts';
import { slug } from '../ids.ts';
import { freeSpace, templatesFor } from '../templates.ts';
import { DIAGNOSTIC, type Entity, PLOTS, sensor, WORKERS } from './entity.ts';
import { eventsOn } from './events.ts';

const stats = templatesFor<BridgeStats>();
const host = templatesFor<HostFigures>();

/** The bridge's entities, below the base topic. */
export const BRIDGE_ENTITIES: readonly Entity[] = [
  {
    key: 'connection',
    platform: 'binary_sensor',
    name: 'Connection',
    state: 'bridge/state',
    payload_on: 'online',
    payload_off: 'offline',
    device_class: 'connectivity',
    ...DIAGNOSTIC,
    // It says that the bridge is away, so it must not be away with it.
    availability: [],
  },
  sensor('running_workers', 'Running workers', stats.value('workers'), { ...WORKERS, state: 'bridge/stats' }),
  sensor('plots_done', 'Plots done', stats.value('plots_done'), { ...PLOTS, state: 'bridge/stats' }),
  sensor('plots_today', 'Plots today', stats.value('plots_today'), { ...PLOTS, state: 'bridge/stats' }),
  sensor('cpu', 'CPU', host.value('cpu_percent'), {
    ...{ state: 'host', unit_of_measurement: '%', state_class: 'measurement' },
    ...DIAGNOSTIC,
    suggested_display_precision: 0,
    icon: 'mdi:cpu-64-bit',
  }),
  sensor('memory', 'Memory', host.value('memory_used_mib'), {
    ...{ state: 'host', device_class: 'data_size', unit_of_measurement: 'MiB', state_class: 'measurement' },
    ...DIAGNOSTIC,
    suggested_display_precision: 0,
    icon: 'mdi:memory',
  }),
  eventsOn('event'),
];

/** An entity's id has room for 255 characters. */
const MAX_WORDS = 120;

const FREE_SPACE = 'free_space';

/** The bridge's sensor for one directory. */
export function freeSpaceEntity(path: string): Entity {
  return freeSpaceSensor(freeSpaceKey(path), `Free space ${path}`, freeSpace(path));
}

/** The sensor for a directory of which nothing is known any more but its key; `undefined`: that is none. */
export function formerFreeSpaceEntity(key: string): Entity | undefined {
  return key.startsWith(FREE_SPACE) ? freeSpaceSensor(key, 'Free space', '{{ none }}') : undefined;
}

function freeSpaceSensor(key: string, name: string, value_template: string): Entity {
  return sensor(key, name, value_template, {
    ...{ state: 'host', device_class: 'data_size', unit_of_measurement: 'GiB', state_class: 'measurement' },
    suggested_display_precision: 1,
    icon: 'mdi:harddisk',
  });
}

/** Tells paths apart, whatever other paths there are: what a slug cannot say is in a hash behind it. */
function freeSpaceKey(path: string): string {
  const words = slug(path).split('_').filter(Boolean).join('_').slice(0, MAX_WORDS);
  const plain = path === `/${words.replaceAll('_', '/')}`;
  const hash = plain ? [] : [createHash('sha256').update(path).digest('hex').slice(0, 6)];
  return [FREE_SPACE, words, ...hash].filter(Boolean).join('_');
}
