import { mounts } from '../../host/mounts.ts';
import { alike, type DiskGroup } from './alike.ts';
import { type DiskSurroundings, type DiskUse, findDisks, type FoundDisk } from './find-disks.ts';
import { findPlotter, type FoundPlotter } from './find-plotter.ts';

/** What `init` found on this machine. */
export interface Findings {
  plotter: FoundPlotter | null;
  /** Disks on which plots are made, the fast ones; empty where no disk was found. */
  temp: readonly DiskGroup[];
  /** Disks that keep them, the large ones; the same where there is but one kind. */
  destination: readonly DiskGroup[];
  /** Fast disks and large ones are different ones. */
  twoKinds: boolean;
  /** Mount points of disks on which this account may not write. */
  unwritable: readonly string[];
}

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
