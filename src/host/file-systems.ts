import { type Mount, mountAbove } from './mounts.ts';

/** What directories are told apart by, and called: those with one name share their room. */
export interface FileSystems {
  /** The mount point of the file system that a directory is on; `null` where nobody knows. */
  nameOf(directory: string): string | null;
}

/**
 * Names the file systems of some directories, whose names are without links. Datasets of one ZFS pool, subvolumes of one
 * Btrfs, and bind mounts of one file system share their room: they are called by one mount point, that of the whole
 * where that is mounted, else the shortest one among those that the directories are on.
 */
export function fileSystemsOf(directories: readonly string[], mounts: readonly Mount[]): FileSystems {
  const names = new Map<string, string>();
  const used = directories.flatMap((directory) => mountAbove(directory, mounts) ?? []);
  for (const mount of used) {
    const key = keyOf(mount);
    if (!names.has(key)) names.set(key, nameFor(key, mounts, used));
  }
  return {
    nameOf(directory) {
      const mount = mountAbove(directory, mounts);
      return mount === null ? null : (names.get(keyOf(mount)) ?? nameFor(keyOf(mount), mounts, [mount]));
    },
  };
}

/** Each dataset of a pool has a device number of its own: their sources, `pool/a/b`, begin alike. */
function keyOf({ type, source, device }: Mount): string {
  return type === 'zfs' ? `zfs ${source.split(/[/@]/)[0]}` : device;
}

function nameFor(key: string, mounts: readonly Mount[], used: readonly Mount[]): string {
  const own = mounts.filter((mount) => keyOf(mount) === key);
  const whole = own.filter(({ root, type, source }) =>
    type === 'zfs' ? !/[/@]/.test(source) : root === '/',
  );
  const candidates = whole.length > 0 ? whole : used.filter((mount) => keyOf(mount) === key);
  const [first] = candidates.map(({ point }) => point).sort(shortestFirst);
  return first ?? '';
}

function shortestFirst(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}

/** A device number as stat(2) says it, in the words of `mountinfo`; the bits are those of gnu_dev_major(3). */
export function deviceWords(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return `${major & 0xffffffffn}:${minor & 0xffffffffn}`;
}
