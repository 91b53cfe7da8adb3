import { meantBy } from '../../util/directory-patterns.ts';

/** A directory on a disk, and where that is mounted. */
export interface OnDisk {
  point: string;
  directory: string;
}

/** Disks that look alike, or one that looks like no other. */
export interface DiskGroup {
  /** Where they are mounted: a directory, or a pattern that means all of them. */
  match: string;
  /** The directories on them, as a pattern where they are several. */
  directory: string;
  disks: number;
}

/**
 * Disks of which the mount points differ in one number only, or in a last letter, and that have the same directory, as
 * one pattern, where that means none of `others`: `/mnt/farm1/plots` and `/mnt/farm2/plots` are `/mnt/farm*` + `/plots`.
 */
export function alike(disks: readonly OnDisk[], others: readonly string[]): DiskGroup[] {
  let left = [...disks];
  const groups: DiskGroup[] = [];
  for (const disk of disks) {
    if (!left.includes(disk)) continue;
    const inside = insideOf(disk);
    const [group = { match: disk.point, meant: [disk] }] = patternsOf(disk.point)
      .filter((match) => !others.some((other) => isMeant(match, other)))
      .map((match) => {
        const all = disks.filter(({ point }) => isMeant(match, point));
        const meant = all.filter((each) => left.includes(each) && insideOf(each) === inside);
        return { match, meant, onlyThese: inside !== '' || meant.length === all.length };
      })
      .filter(({ meant, onlyThese }) => onlyThese && meant.length > 1)
      .sort((a, b) => b.meant.length - a.meant.length);
    left = left.filter((each) => !group.meant.includes(each));
    groups.push({ match: group.match, directory: `${group.match}${inside}`, disks: group.meant.length });
  }
  return groups;
}

function insideOf({ point, directory }: OnDisk): string {
  return directory.slice(point.length);
}

/** A name with each of its numbers, or its last letter (`disk-a`), as a wildcard; one that is nothing else is too wide. */
function patternsOf(point: string): string[] {
  const numbers = [...point.matchAll(/\d+/g)].map(({ index, 0: { length } }) => ({ index, length }));
  const letter = /[_-][a-z]$/.test(point) ? [{ index: point.length - 1, length: 1 }] : [];
  return [...numbers, ...letter]
    .map(({ index, length }) => `${point.slice(0, index)}*${point.slice(index + length)}`)
    .filter((pattern) => !pattern.split('/').includes('*'));
}

function isMeant(pattern: string, point: string): boolean {
  return meantBy(pattern, point) === point;
}
