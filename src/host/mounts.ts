import { readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';

/** A mount of this process, as proc(5) lists it in `mountinfo`. */
export interface Mount {
  /** Major and minor number of its file system, `8:1`: the same for each mount of one. */
  device: string;
  /** Which directory of the file system is mounted: `/` is all of it. */
  root: string;
  point: string;
  /** `ext4`, `zfs`, … */
  type: string;
  /** What is mounted, as the file system says it: a block device, a dataset. */
  source: string;
}

/**
 * The mount that a path is on, by its name alone: asking the file system could hang. Links aren't
 * resolved, for that reason. Where the system has no list of mounts, the path itself.
 */
export function mountOf(path: string): string {
  return longestAbove(resolve(path), mountPoints(), (point) => point) ?? resolve(path);
}

/** The same, of a list of mounts; of several on one mount point the last one hides the others. */
export function mountAbove(path: string, mounts: readonly Mount[]): Mount | null {
  return longestAbove(resolve(path), mounts, ({ point }) => point);
}

function longestAbove<Item>(
  path: string,
  items: readonly Item[],
  pointOf: (item: Item) => string,
): Item | null {
  let longest: Item | null = null;
  let length = 0;
  for (const item of items) {
    const point = pointOf(item);
    const isInside = path === point || path.startsWith(point.endsWith(sep) ? point : point + sep);
    if (isInside && point.length >= length) [longest, length] = [item, point.length];
  }
  return longest;
}

/** The mount points of this process, as proc(5) lists them; none where the system has no such list. */
export function mountPoints(): string[] {
  return mounts().map(({ point }) => point);
}

/** The mounts of this process, in their order; none where the system has no such list. */
export function mounts(): Mount[] {
  try {
    return mountsOf(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return [];
  }
}

/** What a `mountinfo` lists: behind optional fields and a dash come the file system's own ones. */
export function mountsOf(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [ofMount = '', ofFileSystem = ''] = line.split(' - ');
    const [, , device, root, point] = ofMount.split(' ');
    const [type = '', source = ''] = ofFileSystem.split(' ');
    if (device === undefined || root === undefined || point === undefined) return [];
    return [{ device, root: unescaped(root), point: unescaped(point), type, source: unescaped(source) }];
  });
}

/** Blanks and the like are written as octal escapes. */
function unescaped(name: string): string {
  if (!name.includes('\\')) return name;
  return name.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
