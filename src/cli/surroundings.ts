import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { mounts } from '../host/mounts.ts';
import { alike, type DiskGroup } from './alike.ts';
import { type DiskSurroundings, type DiskUse, findDisks, type FoundDisk } from './find-disks.ts';

/** What `init` found on this machine. */
export interface Findings {
  plotter: { id: 'chia' | 'madmax'; command: string } | null;
  /** Disks on which plots are made, the fast ones; empty where no disk was found. */
  temp: readonly DiskGroup[];
  /** Disks that keep them, the large ones; the same where there is but one kind. */
  destination: readonly DiskGroup[];
  /** Fast disks and large ones are different ones. */
  twoKinds: boolean;
  /** Mount points of disks on which this account may not write. */
  unwritable: readonly string[];
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

/** Looks for plotters where they usually are, and for the disks that are mounted. */
export async function lookAround(surroundings: DiskSurroundings = {}): Promise<Findings> {
  const { table = mounts() } = surroundings;
  const found = await findDisks({ ...surroundings, table });
  const usable = found.filter(({ directories }) => Object.values(directories).some((each) => each !== null));
  const fast = usable.filter((disk) => disk.fast);
  const large = usable.filter((disk) => !disk.fast);
  const groups = (disks: readonly FoundDisk[], use: DiskUse): DiskGroup[] => {
    const points = new Set(disks.map(({ point }) => point));
    const others = table.map(({ point }) => point).filter((point) => !points.has(point));
    const on = disks.flatMap(({ point, directories }) => {
      const directory = directories[use];
      return directory === null ? [] : [{ point, directory }];
    });
    return alike(on, others);
  };
  return {
    plotter: await findPlotter(),
    temp: groups(fast.length > 0 ? fast : withMostRoom(large), 'temp'),
    destination: groups(large.length > 0 ? large : fast, 'plots'),
    twoKinds: fast.length > 0 && large.length > 0,
    unwritable: found.filter((disk) => !usable.includes(disk)).map(({ point }) => point),
  };
}

/** Slow disks are for keeping plots: one is enough to make them on. */
function withMostRoom(disks: readonly FoundDisk[]): FoundDisk[] {
  return disks.toSorted((a, b) => b.free - a.free).slice(0, 1);
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
