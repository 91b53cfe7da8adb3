import type { RegistryEntity } from '../homeassistant.ts';

/** A file system, by the entities that the bridge has for it. */
export interface Disk {
  /** Where it is mounted, or what of it is shown. */
  path: string;
  /** Entity ids. */
  free: string;
  fullAt: string | null;
}

/** What the keys of a file system's entities begin with, before what tells it apart. */
export const DISK_KEYS = { free: 'free_space', fullAt: 'full_at' } as const;
/** How the first one is called, before the path. */
const NAMED = /^free space\s+/i;

/** The file systems among a bridge's entities, by path. */
export function disksOf(bridge: readonly { key: string; entity: RegistryEntity }[]): Disk[] {
  const ids = new Map(bridge.map(({ key, entity }) => [key, entity]));
  return [...ids]
    .flatMap(([key, { entity_id, original_name }]): Disk[] => {
      if (!`${key}_`.startsWith(`${DISK_KEYS.free}_`)) return [];
      const own = key.slice(DISK_KEYS.free.length);
      const path = (original_name ?? own).replace(NAMED, '');
      return [{ path, free: entity_id, fullAt: ids.get(DISK_KEYS.fullAt + own)?.entity_id ?? null }];
    })
    .sort((one, other) => one.path.localeCompare(other.path, undefined, { numeric: true }));
}
