import { readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';

/** A mount of this process, as proc(5) lists it. */
export interface Mount {
  point: string;
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
export function mountPoints(): readonly string[] {
  return pointsOf(mounts());
}

const points = new WeakMap<readonly Mount[], readonly string[]>();

/** The mount points of a list of mounts; made once for each. */
export function pointsOf(table: readonly Mount[]): readonly string[] {
  const known = points.get(table) ?? table.map(({ point }) => point);
  points.set(table, known);
  return known;
}

/** proc(5): fields of a line before the `-`, and behind it. */
const [DEVICE, POINT, OPTIONS] = [2, 4, 5];
const [TYPE, SOURCE, SUPER_OPTIONS] = [0, 1, 2];

/** The mounts of this process, in the order in which they were made; none where the system has no such list. */
export function mounts(): Mount[] {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8').split('\n').flatMap(mountOfLine);
  } catch {
    return [];
  }
}

function mountOfLine(line: string): Mount[] {
  const [before = '', behind = ''] = line.split(' - ');
  const [fields, more] = [before.split(' '), behind.split(' ')];
  const point = fields[POINT];
  if (point === undefined) return [];
  return [
    {
      point: plain(point),
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
  const point = mountOf(path, pointsOf(table));
  return REMOTE.test(table.findLast((mount) => mount.point === point)?.type ?? '');
}

/** A file system: what tells it from others while the host runs, and where it is mounted. */
export interface FileSystem {
  key: string;
  point: string;
}

/**
 * The file system of a directory. Datasets and subvolumes of one pool, whose room is one, are one, and so is a
 * directory that is mounted elsewhere too: it is known by the shortest of its mount points.
 * @param device as stat(2) says
 */
export function fileSystemOf(path: string, device: string, table: readonly Mount[]): FileSystem {
  const name = deviceName(device);
  const on = longest(resolve(path), pointsOf(table));
  // Subvolumes of btrfs have devices that no list of mounts has: then it is what the path is on.
  const own = table.findLast((mount) => mount.device === name) ?? table.findLast(({ point }) => point === on);
  if (!own) return { key: device, point: resolve(path) };
  const pool = poolOf(own);
  const together = table.filter(
    (mount) => mount.device === own.device || (pool !== null && poolOf(mount) === pool),
  );
  const [shortest = own.point] = together.map(({ point }) => point).sort((a, b) => a.length - b.length);
  return { key: pool ?? device, point: shortest };
}

/** File systems of several volumes that share their room: ZFS names its pool, subvolumes of btrfs have one device. */
function poolOf({ type, source, device }: Mount): string | null {
  if (type === 'zfs') return `zfs ${source.split('/')[0]}`;
  return type === 'btrfs' ? `btrfs ${device}` : null;
}

/** `major:minor` of a device as stat(2) gives it, as glibc's gnu_dev_major and gnu_dev_minor read it. */
function deviceName(device: string): string {
  const number = /^\d+$/.test(device) ? BigInt(device) : 0n;
  const major = ((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn);
  const minor = (number & 0xffn) | ((number >> 12n) & ~0xffn);
  return `${major}:${BigInt.asUintN(32, minor)}`;
}
