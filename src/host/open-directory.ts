import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';

/** A directory that is held open: what is done below `base` is done in it, whatever its name means by then. */
export interface OpenDirectory {
  base: string;
  /** Its absolute name without links. */
  real: string;
  /** Device and inode: which directory it is, until the host starts anew. */
  dev: bigint;
  ino: bigint;
}

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

export interface OpenOptions {
  /** Whether a link in its place is followed; true by default. */
  follow?: boolean;
}

/** Opens a directory for as long as `act` takes. Throws the system's error where it is none, or can't be read. */
export async function withDirectory<Result>(
  path: string,
  act: (directory: OpenDirectory) => Promise<Result>,
  { follow = true }: OpenOptions = {},
): Promise<Result> {
  const handle = await open(path, follow ? DIRECTORY : DIRECTORY | constants.O_NOFOLLOW);
  try {
    const { dev, ino } = await handle.stat({ bigint: true });
    return await act({ ...(await namesOf(handle, path)), dev, ino });
  } finally {
    await handle.close();
  }
}

/** The open directory itself. Only Linux has a path for it; elsewhere its name has to do. */
async function namesOf(handle: FileHandle, path: string): Promise<{ base: string; real: string }> {
  if (process.platform !== 'linux') {
    const real = await realpath(path);
    return { base: real, real };
  }
  const base = `/proc/self/fd/${handle.fd}`;
  return { base, real: await readlink(base) };
}
