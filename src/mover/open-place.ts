import { closeSync, constants, fstatSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../util/errors.ts';

/**
 * A directory that is held open: whatever is mounted or unmounted over it meanwhile, names below `at` are in this one.
 */
export interface Place {
  /** As it was given, for messages. */
  path: string;
  /** Which directory it is, on which file system. */
  dev: bigint;
  ino: bigint;
  /** The name of a file in it, to be handed to the system. */
  at(name: string): string;
  /** Flushes which names are in it. Throws where its disk fails. */
  sync(): void;
  close(): void;
}

/** What file systems answer that can't flush a directory. */
const CANT_SYNC: ReadonlySet<string | undefined> = new Set([
  ...['EINVAL', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EBADF'],
]);

/** Opens a directory. Throws the system's error where it is none. */
export function openPlace(path: string): Place {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  const { dev, ino } = fstatSync(fd, { bigint: true });
  // Only Linux has a name for an open directory; elsewhere its own has to do.
  const base = process.platform === 'linux' ? `/proc/self/fd/${fd}` : path;
  return {
    path,
    dev,
    ino,
    at: (name) => join(base, name),
    sync() {
      try {
        fsyncSync(fd);
      } catch (error) {
        if (!CANT_SYNC.has(codeOf(error))) throw error;
      }
    },
    close: () => closeSync(fd),
  };
}
