import type { RegistryEntity } from '../homeassistant.ts';

/** A file system, by the entities that the bridge has for it. */
export interface Disk {
  /** Where it is mounted, or what of it is shown. */
  path: string;
  /** Entity ids. */
  free: string;
  used: string | null;
  fullAt: string | null;
}

/** What the keys of a file system's entities begin with, before what tells it apart. */
const KINDS = [
  { kind: 'free', prefix: 'free_space' },
  { kind: 'used', prefix: 'used' },
  { kind: 'fullAt', prefix: 'full_at' },
] as const;
/** How the first one is called, before the path. */
const NAMED = /^free space\s+/i;

/** The file systems among a bridge's entities, by path. */
export function disksOf(bridge: readonly { key: string; entity: RegistryEntity }[]): Disk[] {
  const disks = new Map<string, { path: string; free?: string; used?: string; fullAt?: string }>();
  for (const { key, entity } of bridge) {
    const match = KINDS.find(({ prefix }) => key === prefix || key.startsWith(`${prefix}_`));
    if (!match) continue;
    const own = key.slice(match.prefix.length);
    const disk = disks.get(own) ?? { path: own };
    if (match.kind === 'free') disk.path = (entity.original_name ?? own).replace(NAMED, '');
    disks.set(own, { ...disk, [match.kind]: entity.entity_id });
  }
  return [...disks.values()]
    .flatMap(({ path, free, used, fullAt }) =>
      free === undefined ? [] : [{ path, free, used: used ?? null, fullAt: fullAt ?? null }],
    )
    .sort((one, other) => one.path.localeCompare(other.path, undefined, { numeric: true }));
}
