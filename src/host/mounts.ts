import { readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';

/**
 * The mount that a path is on, by its name alone: asking the file system could hang. Links aren't
 * resolved, for that reason. Where the system has no list of mounts, the path itself.
 */
export function mountOf(path: string): string {
  const absolute = resolve(path);
  let longest = '';
  for (const mount of mountPoints()) {
    const inside = absolute === mount || absolute.startsWith(mount.endsWith(sep) ? mount : mount + sep);
    if (inside && mount.length > longest.length) longest = mount;
  }
  return longest === '' ? absolute : longest;
}

/** proc(5): the fifth field, in which blanks are written as octal escapes. */
const MOUNT_POINT_FIELD = 4;

/** The mount points of this process, as proc(5) lists them; none where the system has no such list. */
export function mountPoints(): string[] {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .flatMap((line) => line.split(' ')[MOUNT_POINT_FIELD] ?? [])
      .map((name) =>
        name.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
      );
  } catch {
    return [];
  }
}
