import { createHash, scryptSync } from 'node:crypto';
import { PUBLISHED_KINDS, publishedTopic } from '../../contract/published.ts';
import { DIAGNOSTIC } from '../../contract/rows/entity.ts';
import { slug } from '../ids.ts';
import { freeSpace } from '../templates.ts';
import type { Entity } from './entity.ts';
import { eventsOn } from './events.ts';
import { entitiesOf } from './of-rows.ts';

/** Of all objects of which there is one. */
const OF_ROWS = PUBLISHED_KINDS.map(publishedTopic).flatMap(({ path, rows }) =>
  rows === undefined || path.includes('<') ? [] : entitiesOf(path, rows),
);

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
  ...OF_ROWS,
  eventsOn('event'),
];

/** A directory of `B/host`. */
export interface ShownDirectory {
  path: string;
  /** The path without what is secret in it, as `B/host` has it. */
  shown: string;
  /** Which of those that are shown like this one, in the order of `B/host`, from 0 on. */
  nth: number;
}

/** An entity's id has room for 255 characters. */
const MAX_WORDS = 120;

const FREE_SPACE = 'free_space';
export const FREE_SPACE_NAME = 'Free space';

/** The bridge's sensor for one directory. */
export function freeSpaceEntity(directory: ShownDirectory, instance: string): Entity {
  const { shown, nth } = directory;
  const name = `${FREE_SPACE_NAME} ${shown}`;
  return freeSpaceSensor(freeSpaceKey(directory, instance), name, freeSpace(shown, nth));
}

/** The sensor for a directory of which nothing is known any more but its key; `undefined`: that is none. */
export function formerFreeSpaceEntity(key: string): Entity | undefined {
  return key.startsWith(FREE_SPACE) ? freeSpaceSensor(key, FREE_SPACE_NAME, '{{ none }}') : undefined;
}

function freeSpaceSensor(key: string, name: string, value_template: string): Entity {
  return {
    ...{ key, platform: 'sensor', name, state: 'host', value_template },
    ...{ device_class: 'data_size', unit_of_measurement: 'GiB', state_class: 'measurement' },
    suggested_display_precision: 1,
    icon: 'mdi:harddisk',
  };
}

/**
 * Tells paths apart, whatever other paths there are: what a slug cannot say is in a hash behind it. Of a path with a
 * secret only what is shown is in the words.
 */
function freeSpaceKey({ path, shown }: ShownDirectory, instance: string): string {
  const words = slug(shown).split('_').filter(Boolean).join('_').slice(0, MAX_WORDS);
  const plain = path === `/${words.replaceAll('_', '/')}`;
  const hash = plain ? [] : [shown === path ? quickHash(path) : slowHash(path, instance)];
  return [FREE_SPACE, words, ...hash].filter(Boolean).join('_');
}

function quickHash(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 6);
}

const slowHashes = new Map<string, string>();

/** Everybody may read the hash of a secret path: one that takes its time (tens of milliseconds) makes guesses dear. */
function slowHash(path: string, instance: string): string {
  const known = slowHashes.get(path) ?? scryptSync(path, instance, 4).toString('hex');
  slowHashes.set(path, known);
  return known;
}
