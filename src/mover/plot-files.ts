import { type BigIntStats, fchmodSync, fchownSync, futimesSync, statSync } from 'node:fs';

/** `null`: it isn't there, or its disk doesn't say. */
export function statOrNull(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return null;
  }
}

/** The same file, of the same length and time of modification. */
export function isSameFile(one: BigIntStats, other: BigIntStats): boolean {
  const same = one.dev === other.dev && one.ino === other.ino && one.isFile();
  return same && one.size === other.size && one.mtimeNs === other.mtimeNs;
}

/** Mode, owner and time of modification, as far as the file system knows them and this account may set them. */
export function keepAttributes(fd: number, { uid, gid, mode, atimeMs, mtimeNs }: BigIntStats): void {
  const attempts = [
    () => fchownSync(fd, Number(uid), Number(gid)),
    () => fchmodSync(fd, Number(mode & 0o7777n)),
    () => futimesSync(fd, Number(atimeMs) / 1000, Number(mtimeNs) / 1e9),
  ];
  for (const attempt of attempts)
    try {
      attempt();
    } catch {
      // It is a plot without them too.
    }
}
