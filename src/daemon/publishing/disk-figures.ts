import type { DiskFigures, FarmDisks } from '../../contract/views.ts';
import type { UsedRoom } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import { roomInFlight } from '../../engine/starting/room.ts';
import type { Moment } from '../../engine/surroundings.ts';
import { growthOf } from '../../engine/views/growth.ts';
import type { DiskLook, DisksLook } from './disk-looks.ts';

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
  /** What workers in flight have taken so far. */
  used: ReadonlyMap<string, UsedRoom>;
}

/** What `B/host` and `B/farm` say of the disks, after a look at them; `before` is what they said until now. */
export function diskFigures(look: DisksLook, around: AroundDisks, before: ShownDisks): ShownDisks {
  const fileSystems = new FileSystemFigures(look, around);
  const shown = new Map(before.disks.map(({ role, path, full_at }) => [`${role} ${path}`, full_at]));
  const disks = look.disks.map((disk) => {
    const { role, path, filesystem } = disk;
    const full_at = steadyTime(shown.get(`${role} ${path}`) ?? null, fileSystems.fullAt([disk]), around.now);
    const reserved_bytes = fileSystems.reserved(disk);
    return { ...disk, filesystem: filesystem?.point ?? null, reserved_bytes, full_at };
  });
  return { disks, farm: farmDisks(look, fileSystems, before.farm, around.now) };
}

function farmDisks(
  { disks }: DisksLook,
  fileSystems: FileSystemFigures,
  before: FarmDisks,
  now: number,
): FarmDisks {
  // Datasets of one pool may have quotas: the most that one of them says is what the pool has.
  const each = new Map<string, DiskLook & { free_bytes: number; total_bytes: number }>();
  for (const disk of disks) {
    const { role, filesystem, free_bytes, total_bytes } = disk;
    if (role !== 'destination' || !filesystem || free_bytes === null || total_bytes === null) continue;
    if (free_bytes >= (each.get(filesystem.key)?.free_bytes ?? 0))
      each.set(filesystem.key, { ...disk, free_bytes, total_bytes });
  }
  const all = [...each.values()];
  if (all.length === 0) return NOTHING_SHOWN.farm;
  return {
    free_bytes: all.reduce((sum, { free_bytes }) => sum + free_bytes, 0),
    total_bytes: all.reduce((sum, { total_bytes }) => sum + total_bytes, 0),
    full_at: steadyTime(before.full_at, fileSystems.fullAt(all), now),
  };
}

/** What is said of file systems, by what tells one from others. */
class FileSystemFigures {
  readonly #now: number;
  readonly #reserved = new Map<string, number>();
  /** Bytes a millisecond. */
  readonly #growth = new Map<string, number>();

  constructor(look: DisksLook, { state, used, now, steady }: AroundDisks) {
    this.#now = now;
    const known = new KnownFileSystems(look);
    for (const { path, filesystem, bytes } of roomInFlight(state, used))
      add(this.#reserved, known.keyOf(path, filesystem), bytes);
    for (const [directory, written] of state.written)
      add(this.#growth, known.keyOf(directory, null), growthOf(written, steady));
  }

  reserved({ filesystem }: DiskLook): number | null {
    return filesystem === null ? null : Math.round(this.#reserved.get(filesystem.key) ?? 0);
  }

  /** When disks will be full, if each goes on to grow as it did; `null`: they don't grow, or it isn't known. */
  fullAt(disks: readonly DiskLook[]): string | null {
    let [free, growth] = [0, 0];
    for (const { filesystem, free_bytes } of disks) {
      if (filesystem === null || free_bytes === null) return null;
      free += free_bytes;
      growth += this.#growth.get(filesystem.key) ?? 0;
    }
    const left = growth > 0 ? free / growth : Number.POSITIVE_INFINITY;
    return left > LONGEST_MS ? null : new Date(this.#now + left).toISOString();
  }
}

/** Which of the file systems that were looked at a directory is on. */
class KnownFileSystems {
  readonly #look: DisksLook;
  readonly #byPath: ReadonlyMap<string, string | null>;
  readonly #byPoint: ReadonlyMap<string, string>;

  constructor(look: DisksLook) {
    this.#look = look;
    this.#byPath = new Map(look.disks.map(({ path, filesystem }) => [path, filesystem?.key ?? null]));
    const there = look.disks.flatMap(({ filesystem }) => filesystem ?? []);
    this.#byPoint = new Map(there.map(({ point, key }) => [point, key]));
  }

  /** A directory is one of those looked at, or on the file system that was noted, or where its name says. */
  keyOf(directory: string, noted: string | null): string | null {
    const own = this.#byPath.get(directory);
    if (own !== undefined) return own;
    if (noted !== null && [...this.#byPoint.values()].includes(noted)) return noted;
    const point = this.#look.pointsAround(directory).find((each) => this.#byPoint.has(each));
    return point === undefined ? null : (this.#byPoint.get(point) ?? null);
  }
}

/** Nobody cares for more. */
const LONGEST_MS = 100 * 365 * 86_400_000;

function add(sums: Map<string, number>, key: string | null, amount: number): void {
  if (key !== null) sums.set(key, (sums.get(key) ?? 0) + amount);
}

const [STEP_MS, STEP_OF_REST] = [60_000, 0.02];

/**
 * The estimated time to show: that shown already, until the new one is a minute and 2 % of the time left away (contract,
 * section 4).
 */
export function steadyTime(shown: string | null, time: string | null, now: number): string | null {
  if (shown === null || time === null) return time;
  const [before, then] = [Date.parse(shown), Date.parse(time)];
  const step = Math.max(STEP_MS, (then - now) * STEP_OF_REST);
  return before > now && Math.abs(then - before) < step ? shown : time;
}
