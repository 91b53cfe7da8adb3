import { createHash, scryptSync } from 'node:crypto';
import { slug } from '../ids.ts';
import {
  type FileSystemPlace,
  fileSystemAttributes,
  fileSystemThere,
  gibOfFileSystem,
  ofFileSystem,
} from '../templates.ts';
import type { Entity } from './entity.ts';

/** A file system of `B/host/filesystems`, or one that was there. */
export interface ShownFileSystem extends FileSystemPlace {
  /** Its mount point; `shown` is that without what is secret in it. */
  path: string;
}

const STATE = 'host/filesystems';

interface Kind {
  key: string;
  name: string;
  options: Omit<Entity, 'key' | 'platform' | 'name' | 'state'>;
  value(place: FileSystemPlace): string;
  attributes?: Readonly<Record<string, string>>;
}

const KINDS: readonly Kind[] = [
  {
    ...{ key: 'free_space', name: 'Free space', value: (place) => gibOfFileSystem(place, 'free_bytes') },
    attributes: {
      ...{ reserved_bytes: 'reserved_bytes', total_bytes: 'total_bytes' },
      // Home Assistant drops an attribute called `state`.
      ...{ state: 'state', disk_state: 'state' },
    },
    options: {
      ...{ device_class: 'data_size', unit_of_measurement: 'GiB', state_class: 'measurement' },
      ...{ suggested_display_precision: 0, icon: 'mdi:harddisk' },
    },
  },
  {
    ...{ key: 'used', name: 'Used', value: (place) => ofFileSystem(place, 'used_percent') },
    options: { unit_of_measurement: '%', state_class: 'measurement', icon: 'mdi:chart-donut' },
  },
  {
    ...{ key: 'full_at', name: 'Full at', value: (place) => ofFileSystem(place, 'full_at') },
    options: { device_class: 'timestamp', icon: 'mdi:calendar-alert' },
  },
];

export const FILE_SYSTEM_NAMES = KINDS.map(({ name }) => name);

/** An entity's id has room for 255 characters. */
const MAX_WORDS = 120;

/** The bridge's entities for one file system. */
export function fileSystemEntities(fileSystem: ShownFileSystem, instance: string): Entity[] {
  const suffix = suffixOf(fileSystem, instance);
  return KINDS.map((kind) => entityOf(kind, fileSystem, suffix, `${kind.name} ${fileSystem.shown}`));
}

/** The entity of which nothing is known any more but its key; `undefined`: that is none of a file system. */
export function formerFileSystemEntity(key: string): Entity | undefined {
  const kind = KINDS.find((each) => key === each.key || key.startsWith(`${each.key}_`));
  if (!kind) return undefined;
  return { ...entityOf(kind, { shown: '', nth: 0 }, '', kind.name), key };
}

function entityOf(kind: Kind, place: FileSystemPlace, suffix: string, name: string): Entity {
  const { key, options, value, attributes } = kind;
  return {
    ...{ key: [key, suffix].filter(Boolean).join('_'), platform: 'sensor', name, state: STATE },
    value_template: value(place),
    ...(attributes && { json_attributes_template: fileSystemAttributes(place, attributes) }),
    ...options,
    availableWhere: { state: STATE, template: fileSystemThere(place) },
  };
}

/**
 * Tells mount points apart, whatever others there are: what a slug cannot say is in a hash behind it. Of a path with a
 * secret only what is shown is in the words.
 */
function suffixOf({ path, shown }: ShownFileSystem, instance: string): string {
  const words = slug(shown).split('_').filter(Boolean).join('_').slice(0, MAX_WORDS);
  const plain = path === `/${words.replaceAll('_', '/')}`;
  const hash = plain ? [] : [shown === path ? quickHash(path) : slowHash(path, instance)];
  return [words, ...hash].filter(Boolean).join('_');
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
