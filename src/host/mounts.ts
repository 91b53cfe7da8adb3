import { readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';

/** A mount of this process, as proc(5) lists it. */
export interface Mount {
  point: string;
  /** Which directory of its file system is mounted there: `/` is all of it. */
  root: string;
  /** `major:minor` of its file system. */
  device: string;
  type: string;
  /** Nothing can be written there, by this mount's options or those of its file system. */
  readOnly: boolean;
  /** What is mounted: a device, a dataset, a server's directory. */
  source: string;
}

/**
 * The mount that a path is on, by its name alone: asking the file system could hang. Links aren't
 * resolved, for that reason. Where the system has no list of mounts, the path itself.
 */
export function mountOf(path: string, points: readonly string[] = mountPoints()): string {
  const absolute = resolve(path);
  return longest(absolute, points) ?? absolute;
}

function longest(absolute: string, points: readonly string[]): string | null {
  let found: string | null = null;
  for (const point of points) {
    const inside = absolute === point || absolute.startsWith(point.endsWith(sep) ? point : point + sep);
    if (inside && point.length > (found ?? '').length) found = point;
  }
  return found;
}

/** The mount points of this process; none where the system has no such list. */
export function mountPoints(): string[] {
  return mounts().map(({ point }) => point);
}

/** proc(5): fields of a line before the `-`, and behind it. */
const [DEVICE, ROOT, POINT, OPTIONS] = [2, 3, 4, 5];
const [TYPE, SOURCE, SUPER_OPTIONS] = [0, 1, 2];

/** The mounts of this process, in the order in which they were made; none where the system has no such list. */
export function mounts(): Mount[] {
  try {
    return mountsOf(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return [];
  }
}

/** What a `mountinfo` of proc(5) lists. */
export function mountsOf(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap(mountOfLine);
}

function mountOfLine(line: string): Mount[] {
  const [before = '', behind = ''] = line.split(' - ');
  const [fields, more] = [before.split(' '), behind.split(' ')];
  const point = fields[POINT];
  if (point === undefined) return [];
  return [
    {
      point: plain(point),
      root: plain(fields[ROOT] ?? ''),
      device: fields[DEVICE] ?? '',
      type: more[TYPE] ?? '',
      readOnly: isReadOnly(fields[OPTIONS]) || isReadOnly(more[SUPER_OPTIONS]),
      source: plain(more[SOURCE] ?? ''),
    },
  ];
}

function isReadOnly(options = ''): boolean {
  return options.split(',').includes('ro');
}

/** Blanks are written as octal escapes. */
function plain(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Over a network, or answered by a program: a look at one may hang. */
const REMOTE = /^(?:nfs|nfs4|cifs|smb3|smbfs|9p|afs|ceph|glusterfs|lustre|ncpfs|fuse|fuseblk|fuse\..*)$/;

/** Whether a look at a path may hang for long, by the type of its file system. */
export function mayHang(path: string, table: readonly Mount[] = mounts()): boolean {
  return REMOTE.test(mountAbove(path, table)?.type ?? '');
}

/** A file system: what tells it from others while the host runs, and where it is mounted. */
export interface FileSystem {
  key: string;
  point: string;
}

/**
 * The file system of a directory. Datasets and subvolumes of one pool, whose room is one, are one, and so is a
 * directory that is mounted elsewhere too. It is called by the shortest mount point of the whole; where that isn't
 * mounted, of its parts in `used`: in a container single files of it are mounted as well.
 * @param device as stat(2) says
 * @param used mount points of the directories that are looked at together
 */
export function fileSystemOf(
  path: string,
  device: string,
  table: readonly Mount[],
  used: ReadonlySet<string> = new Set(),
): FileSystem {
  const name = deviceName(device);
  const named = mountAbove(path, table);
  // Subvolumes of btrfs have devices that no list of mounts has: then it is what the path is on.
  const own = named?.device === name ? named : (table.findLast((mount) => mount.device === name) ?? named);
  if (!own) return { key: device, point: resolve(path) };
  const together = sharing(own, table);
  const whole = together.filter(isWhole);
  const parts = together.filter((mount) => mount === own || used.has(mount.point));
  const points = (whole.length > 0 ? whole : parts).map(({ point }) => point);
  const [shortest = own.point] = points.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return { key: poolOf(own) ?? device, point: shortest };
}

/** All mount points of the file system that a path is on by its name. */
export function pointsAround(path: string, table: readonly Mount[]): string[] {
  const own = mountAbove(path, table);
  return own ? sharing(own, table).map(({ point }) => point) : [];
}

function mountAbove(path: string, table: readonly Mount[]): Mount | undefined {
  const above = longest(
    resolve(path),
    table.map(({ point }) => point),
  );
  return table.findLast(({ point }) => point === above);
}

/** The mounts of one file system. */
function sharing(own: Mount, table: readonly Mount[]): Mount[] {
  const pool = poolOf(own);
  return table.filter((mount) => mount.device === own.device || (pool !== null && poolOf(mount) === pool));
}

/** File systems of several volumes that share their room: ZFS names its pool, subvolumes of btrfs have one device. */
function poolOf({ type, source, device }: Mount): string | null {
  if (type === 'zfs') return `zfs ${source.split(/[/@]/)[0]}`;
  return type === 'btrfs' ? `btrfs ${device}` : null;
}

function isWhole({ type, source, root }: Mount): boolean {
  return type === 'zfs' ? !/[/@]/.test(source) : root === '/';
}

/** `major:minor` of a device as stat(2) gives it, as glibc's gnu_dev_major and gnu_dev_minor read it. */
function deviceName(device: string): string {
  const number = /^\d+$/.test(device) ? BigInt(device) : 0n;
  const major = ((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn);
  const minor = (number & 0xffn) | ((number >> 12n) & ~0xffn);
  return `${major}:${BigInt.asUintN(32, minor)}`;
}
