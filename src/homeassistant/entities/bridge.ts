import { PUBLISHED_KINDS, publishedTopic } from '../../contract/published.ts';
import { FIXED_HOLDS } from '../../contract/holds.ts';
import { AT_FIRST_DISABLED, DIAGNOSTIC } from '../../contract/rows/entity.ts';
import { attributes, first, hasName, isAny, isWord, joined } from '../templates.ts';
import type { Entity } from './entity.ts';
import { FARM_EVENT } from './events.ts';
import { entitiesOf } from './of-rows.ts';

/** Of all objects of which there is one. */
const OF_ROWS = PUBLISHED_KINDS.map(publishedTopic).flatMap(({ path, rows }) =>
  rows === undefined || path.includes('<') ? [] : entitiesOf(path, rows),
);

const PROBLEM = { device_class: 'problem', payload_on: 'True', payload_off: 'False' } as const;

/** The bridge's entities, below the base topic; holds and file systems come beside them. */
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
  {
    ...{ key: 'problem', platform: 'binary_sensor', name: 'Problem', state: 'farm', ...PROBLEM },
    value_template: isAny('problems'),
    json_attributes_template: attributes({ problems: 'problems' }),
  },
  {
    ...{ key: 'state_files', platform: 'binary_sensor', name: 'State files', state: 'bridge/health' },
    ...{ ...PROBLEM, ...DIAGNOSTIC, value_template: isWord('storage', 'failing') },
  },
  {
    ...{ key: 'held_by', platform: 'sensor', name: 'Held by', state: 'farm', icon: 'mdi:hand-back-left' },
    value_template: joined('holds', 'name'),
    json_attributes_template: attributes({ holds: 'holds' }),
  },
  ...OF_ROWS,
  {
    ...{ key: 'load', platform: 'sensor', name: 'Load', state: 'host', value_template: first('load') },
    ...{ state_class: 'measurement', icon: 'mdi:gauge', ...DIAGNOSTIC, ...AT_FIRST_DISABLED },
  },
  FARM_EVENT,
];

/** A hold of the farm that has a switch. */
export interface ShownHold {
  name: string;
  title: string;
}

const TITLES: Readonly<Record<string, string>> = { pause: 'Pause', drain: 'Drain' };
const ICONS: Readonly<Record<string, string>> = {
  pause: 'mdi:pause-octagon-outline',
  drain: 'mdi:water-pump',
};

export const HOLD_NAMES = Object.values(TITLES);

/** The holds that are always there, and those of config.yaml, each once. */
export function shownHolds(entries: ReadonlyMap<string, { title?: string | undefined }>): ShownHold[] {
  return [...new Set([...FIXED_HOLDS.keys(), ...entries.keys()])].map((name) => ({
    name,
    title: entries.get(name)?.title ?? TITLES[name] ?? name,
  }));
}

const OTHERS = 'hold_';

/** The switch of a hold. */
export function holdEntity({ name, title }: ShownHold): Entity {
  return {
    ...{ key: FIXED_HOLDS.has(name) ? name : `${OTHERS}${name}`, platform: 'switch', name: title },
    ...{ state: 'farm', command: `farm/hold/${name}`, value_template: hasName('holds', name) },
    ...{ payload_on: 'ON', payload_off: 'OFF', state_on: 'True', state_off: 'False' },
    icon: ICONS[name] ?? 'mdi:hand-back-left-outline',
  };
}

/** The hold whose switch has this key; `undefined`: it is none of one. */
export function formerHold(key: string): ShownHold | undefined {
  const name = FIXED_HOLDS.has(key) ? key : key.startsWith(OTHERS) ? key.slice(OTHERS.length) : undefined;
  return name === undefined ? undefined : { name, title: TITLES[name] ?? name };
}
