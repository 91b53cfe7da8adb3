import { readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { listNames, probeDirectory } from '../../host/directories.ts';
import { fileSystemOf, type Mount, mounts } from '../../host/mounts.ts';
import { isPattern } from '../../util/directory-patterns.ts';

/** A disk on which plots may be made or kept. */
export interface FoundDisk {
  /** Where it is mounted. */
  point: string;
  /** Bytes. */
  free: number;
  /** It doesn't turn, as the system knows; what isn't known, or is over a network, counts as turning. */
  fast: boolean;
  /** Where on it this account may make plots, and where it may keep them; `null`: nowhere that was found. */
  directories: Readonly<Record<DiskUse, string | null>>;
}

export type DiskUse = keyof typeof NAMES;

export interface DiskSurroundings {
  /** In place of this machine's mounts. */
  table?: readonly Mount[];
  /** In place of `/sys`. */
  sys?: string;
}

/** A disk that is too small for one k32 plot is none for plotting. */
const LEAST_BYTES = 110e9;
/** One that takes longer to answer counts as away, in milliseconds. */
const LOOK_MS = 5_000;

/** Parts of the system, and of desktops and containers, whatever is mounted there. `/run/media` has people's disks. */
const SYSTEM = /^\/(?:boot|dev|etc|home|nix|opt|proc|root|run(?!\/media\/)|snap|sys|tmp|usr|var)(?:\/|$)/;
/** Volumes of the container image. */
const OURS: ReadonlySet<string> = new Set(['/', '/config', '/data']);
/** These have no room of their own: what they show is on other disks, or nowhere. */
const NO_DISK =
  /^(?:aufs|autofs|cgroup2?|devtmpfs|fuse\.(?:mergerfs|unionfs.*|gvfsd-fuse|portal)|overlay|proc|squashfs|sysfs)$/;

/** Names that directories for plots mostly have, where a disk has such ones. */
const NAMES = { temp: ['tmp', 'temp', 'plotting'], plots: ['plots', 'plot'] } as const;

/** The disks of this machine, without the system's, each file system once, in the order of names. Writes nothing. */
export async function findDisks({
  table = mounts(),
  sys = '/sys',
}: DiskSurroundings = {}): Promise<FoundDisk[]> {
  const [system, ...probed] = await Promise.all(
    ['/', ...pointsOfDisks(table)].map((point) => probeDirectory(point, { timeoutMs: LOOK_MS })),
  );
  const seen = new Set([keyOf('/', system?.device ?? null, table)]);
  const found = probed.filter(({ path, device, total_bytes }) => {
    const key = keyOf(path, device, table);
    if (device === null || seen.has(key)) return false;
    seen.add(key);
    return (total_bytes ?? 0) >= LEAST_BYTES;
  });
  const disks = await Promise.all(
    found.map(async ({ path: point, problem, free_bytes }): Promise<FoundDisk> => {
      const mount = table.findLast((each) => each.point === point);
      const directories = await directoriesOn(point, problem === null);
      return {
        point,
        free: free_bytes ?? 0,
        fast: mount !== undefined && (await isFast(mount, sys)),
        directories,
      };
    }),
  );
  return disks.sort((a, b) => byName.compare(a.point, b.point));
}

/** The shortest first: a file system that is mounted twice is known by its shorter name. */
function pointsOfDisks(table: readonly Mount[]): string[] {
  const points = table
    .filter(({ point, type }) => !SYSTEM.test(point) && !OURS.has(point) && !NO_DISK.test(type))
    .map(({ point }) => point)
    // In config.yaml it would mean others.
    .filter((point) => !isPattern(point));
  return [...new Set(points)].sort((a, b) => a.length - b.length || byName.compare(a, b));
}

const byName = new Intl.Collator('en', { numeric: true });

function keyOf(point: string, device: string | null, table: readonly Mount[]): string {
  return device === null ? point : fileSystemOf(point, device, table).key;
}

/** A directory of a usual name in which this account may write, else the disk's own, where that may be. */
async function directoriesOn(point: string, writable: boolean): Promise<FoundDisk['directories']> {
  const there = await listNames(point, { timeoutMs: LOOK_MS });
  const usable = async (names: readonly string[]): Promise<string | null> => {
    const candidates = names.filter((name) => typeof there !== 'string' && there.includes(name));
    const looks = candidates.map((name) => probeDirectory(join(point, name), { timeoutMs: LOOK_MS }));
    const first = (await Promise.all(looks)).find(({ problem }) => problem === null);
    return first?.path ?? (writable ? point : null);
  };
  return { temp: await usable(NAMES.temp), plots: await usable(NAMES.plots) };
}

/** As Linux knows it, of a partition by its disk. Of btrfs only the source says which that is. */
async function isFast({ device, source }: Mount, sys: string): Promise<boolean> {
  const name = basename(await realpath(source).catch(() => source));
  for (const block of [join(sys, 'dev/block', device), join(sys, 'class/block', name)]) {
    const real = await realpath(block).catch(() => null);
    if (real === null) continue;
    for (const place of ['queue/rotational', '../queue/rotational']) {
      const said = await readFile(join(real, place), 'utf8').catch(() => null);
      if (said !== null) return said.trim() === '0';
    }
  }
  return false;
}
