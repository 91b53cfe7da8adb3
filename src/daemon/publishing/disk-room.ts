import type { DiskFigures, FarmDisks } from '../../contract/views.ts';
import type { Memory } from '../../engine/memory.ts';
import type { UsedRoom } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import { stillComing } from '../../engine/starting/places/room.ts';
import type { Moment } from '../../engine/surroundings.ts';
import { growthOf } from '../../engine/views/growth.ts';
import { steadyTime } from '../../util/steady-time.ts';
import type { DiskLook } from './disk-figures.ts';

/** The disks, each by itself and all destinations together. */
export interface ShownDisks {
  disks: DiskFigures[];
  farm: FarmDisks;
}

export const NOTHING_SHOWN: ShownDisks = {
  disks: [],
  farm: { free_bytes: null, total_bytes: null, full_at: null },
};

/** What is known of the disks beside a look at them. */
export interface AroundDisks extends Moment {
  state: State;
  memory: Pick<Memory, 'copied'>;
  /** What workers in flight have taken so far. */
  used: ReadonlyMap<string, UsedRoom>;
  /** By directory, how many plots there are. */
  plots: ReadonlyMap<string, number | null>;
  /** Where the file system of a directory is mounted, by its name. */
  mountPointOf(directory: string): string;
}

/** What `B/host` and `B/farm` say of the disks, after a look at them; `before` is what they said until now. */
export function diskRoom(looks: readonly DiskLook[], around: AroundDisks, before: ShownDisks): ShownDisks {
  const fileSystems = new FileSystemFigures(looks, around);
  const disks = looks.map((disk) => {
    const { role, path, free_bytes, total_bytes, filesystem, state } = disk;
    const plots = around.plots.get(path) ?? null;
    const shown = before.disks.find((other) => other.role === role && other.path === path)?.full_at ?? null;
    const full_at = steadyFullAt(shown, fileSystems.fullAt([disk]), around.now);
    const reserved_bytes = fileSystems.reserved(disk);
    return {
      ...{ role, path, free_bytes, total_bytes, filesystem, reserved_bytes, state, plots, full_at },
      // Old plots are counted by others.
      ...{ old_plots: null, old_bytes: null },
    };
  });
  return { disks, farm: farmDisks(looks, fileSystems, before.farm, around.now) };
}

function farmDisks(
  disks: readonly DiskLook[],
  fileSystems: FileSystemFigures,
  before: FarmDisks,
  now: number,
): FarmDisks {
  // Datasets of one pool may have quotas: the most that one of them says is what the pool has.
  const each = new Map<string, DiskLook & { free_bytes: number; total_bytes: number }>();
  for (const disk of disks) {
    const { role, free_bytes, total_bytes } = disk;
    const { filesystem: key } = disk;
    if (role !== 'destination' || key === null || free_bytes === null || total_bytes === null) continue;
    if (free_bytes >= (each.get(key)?.free_bytes ?? 0)) each.set(key, { ...disk, free_bytes, total_bytes });
  }
  const all = [...each.values()];
  if (all.length === 0) return NOTHING_SHOWN.farm;
  return {
    free_bytes: all.reduce((sum, { free_bytes }) => sum + free_bytes, 0),
    total_bytes: all.reduce((sum, { total_bytes }) => sum + total_bytes, 0),
    full_at: steadyFullAt(before.full_at, fileSystems.fullAt(all), now),
  };
}

/** What is said of file systems, each known by its mount point. */
class FileSystemFigures {
  readonly #looks: readonly DiskLook[];
  readonly #mountPointOf: AroundDisks['mountPointOf'];
  readonly #now: number;
  readonly #reserved = new Map<string, number>();
  /** Bytes a millisecond. */
  readonly #growth = new Map<string, number>();

  constructor(looks: readonly DiskLook[], { state, memory, used, now, steady, mountPointOf }: AroundDisks) {
    this.#looks = looks;
    this.#mountPointOf = mountPointOf;
    this.#now = now;
    for (const { path, filesystem, bytes } of stillComing({ state, memory }, { used }))
      add(this.#reserved, this.#pointAt(path, filesystem), bytes);
    for (const [directory, written] of state.written)
      add(this.#growth, this.#pointAt(directory, null), growthOf(written, steady));
  }

  reserved({ filesystem }: DiskLook): number | null {
    return filesystem === null ? null : Math.round(this.#reserved.get(filesystem) ?? 0);
  }

  /** When disks will be full, if each goes on to grow as it did; `null`: they don't grow, or it isn't known. */
  fullAt(disks: readonly DiskLook[]): string | null {
    let [free, growth] = [0, 0];
    for (const { filesystem, free_bytes } of disks) {
      if (filesystem === null || free_bytes === null) return null;
      free += free_bytes;
      growth += this.#growth.get(filesystem) ?? 0;
    }
    const left = growth > 0 ? free / growth : Number.POSITIVE_INFINITY;
    return left > LONGEST_MS ? null : new Date(this.#now + left).toISOString();
  }

  /** A directory is one of those looked at, or on the file system of one of them, or where its name says. */
  #pointAt(directory: string, key: string | null): string {
    const own = this.#looks.find(({ path }) => path === directory);
    const neighbour = own ?? this.#looks.find((disk) => disk.key !== null && disk.key === key);
    return neighbour?.filesystem ?? this.#mountPointOf(directory);
  }
}

/** Nobody cares for more. */
const LONGEST_MS = 100 * 365 * 86_400_000;

function add(sums: Map<string, number>, key: string, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}

/** The time to show at which a disk will be full: as `steadyTime`, but one that is over is none. */
export function steadyFullAt(shown: string | null, time: string | null, now: number): string | null {
  return shown !== null && Date.parse(shown) <= now ? time : steadyTime(shown, time, now);
}
