import { constants } from 'node:fs';
import { access, readdir, readFile, realpath, stat, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** What `init` found on this machine. */
export interface Findings {
  plotter: { id: 'chia' | 'madmax'; command: string } | null;
  temp: string | null;
  destination: string | null;
}

/** Where plotters usually are, the faster one first. */
const PLOTTERS = [
  {
    id: 'madmax',
    program: 'chia_plot',
    place: 'chia-plotter/build/chia_plot',
    command: '~/chia-plotter/build/chia_plot',
  },
  {
    id: 'chia',
    program: 'chia',
    place: 'chia-blockchain/activate',
    command: 'cd ~/chia-blockchain && . ./activate && chia plots create',
  },
] as const;
/** How a plotter that is in the PATH is called. */
const IN_PATH = { madmax: 'chia_plot', chia: 'chia plots create' } as const;
/** Where people mount the disks that aren't the system's. */
const MOUNT_ROOTS = ['/mnt', '/media', '/plots', '/srv', '/Volumes'];
/** A disk that is too small for one k32 plot is none for plotting. */
const LEAST_BYTES = 110e9;

/** Looks for plotters and disks where they usually are. */
export async function lookAround(): Promise<Findings> {
  const disks = await findDisks();
  const fast = disks.filter((disk) => !disk.rotating).sort((a, b) => b.free - a.free);
  const large = [...disks].sort((a, b) => Number(b.rotating) - Number(a.rotating) || b.free - a.free);
  return {
    plotter: await findPlotter(),
    temp: fast[0]?.path ?? disks[0]?.path ?? null,
    destination: large[0]?.path ?? null,
  };
}

async function findPlotter(): Promise<Findings['plotter']> {
  for (const { id, program, place, command } of PLOTTERS) {
    for (const directory of (process.env.PATH ?? '').split(delimiter))
      if (directory !== '' && (await isAllowed(join(directory, program), constants.X_OK)))
        return { id, command: IN_PATH[id] };
    if (await isAllowed(join(homedir(), place), constants.R_OK)) return { id, command };
  }
  return null;
}

async function isAllowed(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}

interface Disk {
  path: string;
  free: number;
  rotating: boolean;
}

/** File systems of their own below the usual places, writable and large enough. */
async function findDisks(): Promise<Disk[]> {
  const system = await deviceOf('/');
  const seen = new Set<number>();
  const disks: Disk[] = [];
  for (const path of await mountCandidates()) {
    const device = await deviceOf(path);
    if (device === null || device === system || seen.has(device)) continue;
    if (!(await isAllowed(path, constants.W_OK | constants.X_OK))) continue;
    const { bavail, bsize } = await statfs(path);
    if (bavail * bsize < LEAST_BYTES) continue;
    seen.add(device);
    disks.push({ path, free: bavail * bsize, rotating: await isRotating(device) });
  }
  return disks;
}

async function mountCandidates(): Promise<string[]> {
  const found: string[] = [];
  for (const root of MOUNT_ROOTS) {
    found.push(root);
    for (const name of await namesIn(root)) {
      found.push(join(root, name));
      for (const inner of await namesIn(join(root, name))) found.push(join(root, name, inner));
    }
  }
  return found;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

async function deviceOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).dev;
  } catch {
    return null;
  }
}

/** Whether a disk turns, as Linux knows it; elsewhere and where it isn't known it counts as turning. */
async function isRotating(device: number): Promise<boolean> {
  // dev_t as glibc lays it out (makedev(3)).
  const major = Math.floor(device / 256) % 4096;
  const minor = (device % 256) + Math.floor(device / 2 ** 20) * 256;
  try {
    const block = await realpath(`/sys/dev/block/${major}:${minor}`);
    const own = await readFile(join(block, 'queue/rotational'), 'utf8').catch(() =>
      readFile(join(block, '../queue/rotational'), 'utf8'),
    );
    return own.trim() === '1';
  } catch {
    return true;
  }
}
