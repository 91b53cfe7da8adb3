import type { DiskFigures, FileSystemFigures } from '../../../src/contract/views.ts';
import { HOUR, PLOT, progressOf, type Work } from './story.ts';
import type { MoveTrack } from './moves.ts';

const GIB = 2 ** 30;
/** Bytes of a disk of 16 TB, and of an NVMe of 4 TB. */
const DISK = 16_000_000_000_000;
const NVME = 4_000_000_000_000;
/** What a k32 plot takes at its most while it is made. */
const TEMP = 256 * GIB;
/** Plots on a full disk. */
const FULL = Math.floor(DISK / PLOT);

/** The disks of a farm, where a move brings plots: some are full, others are filled, one after the other, one is away. */
export interface DiskStory {
  full: number;
  /** Plots on the next ones, before what is told. */
  next: readonly number[];
  away: readonly string[];
  /** Where plots are made. */
  nvmes: readonly string[];
}

interface Room {
  role: DiskFigures['role'];
  point: string;
  total: number;
  free: number;
  reserved: number;
  fullAt: number | null;
  plots: number;
}

const named = (nth: number) => `/mnt/farm${String(nth).padStart(2, '0')}`;
/** Where a plot goes. */
export const diskOf = ({ full, next }: DiskStory, nth: number): string =>
  named(full + 1 + (nth % next.length));

/** Plots on all disks, which are those that were ever made. */
export function plotsOnDisks(story: DiskStory, moves: readonly MoveTrack[], now: number): number {
  const arrived = moves.flatMap(({ moved }) => moved).filter(({ to }) => to <= now).length;
  return story.full * FULL + story.next.reduce((sum, plots) => sum + plots, 0) + arrived;
}

/** The room on each disk. `aDay` is how many plots come in 24 hours. */
function roomsOf(
  story: DiskStory,
  work: readonly Work[],
  moves: readonly MoveTrack[],
  now: number,
  aDay: number,
): Room[] {
  const moved = moves.flatMap((move) => move.moved);
  const day = 24 * HOUR;
  const destination = (nth: number, before: number): Room => {
    const point = named(nth);
    const here = moved.filter((one) => diskOf(story, one.nth) === point);
    const plots = before + here.filter(({ to }) => to <= now).length;
    const free = DISK - plots * PLOT;
    const pace = here.length > 0 ? aDay / story.next.length : 0;
    return {
      ...{ role: 'destination', point, total: DISK, free, plots },
      reserved: here.filter(({ from, to }) => from <= now && to > now).length * PLOT,
      fullAt: pace > 0 ? now + (Math.floor(free / PLOT) / pace) * day : null,
    };
  };
  const disks = [
    ...Array.from({ length: story.full }, (_, index) => destination(index + 1, FULL)),
    ...story.next.map((plots, index) => destination(story.full + 1 + index, plots)),
  ];
  const nvmes = story.nvmes.map((point): Room => {
    const here = work.filter(({ job }) => (job.tempDir ?? '').startsWith(`${point}/`));
    const running = here.filter(({ from, to }) => from <= now && to > now);
    const taken = running.reduce((sum, one) => sum + Math.min(1, progressOf(one, now) / 45) * TEMP, 0);
    const finished = moved.filter(({ work: of, to }) => here.includes(of) && of.to <= now && to > now).length;
    const used = 60 * GIB + taken + finished * PLOT;
    const reserved = running.length * TEMP - taken;
    return { role: 'temp', point, total: NVME, free: NVME - used, reserved, fullAt: null, plots: finished };
  });
  return [...disks, ...nvmes];
}

/** What `B/host` and `B/host/filesystems` say of them. */
export function disksOf(...args: Parameters<typeof roomsOf>): {
  disks: DiskFigures[];
  filesystems: FileSystemFigures[];
  free: number;
  total: number;
  fullAt: number | null;
} {
  const [story, , , now, aDay] = args;
  const rooms = roomsOf(...args);
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const figures = rooms.map(
    ({ role, point, total, free, reserved, fullAt, plots }): DiskFigures => ({
      ...{
        role,
        path: `${point}/${role === 'temp' ? 'tmp' : 'plots'}`,
        filesystem: point,
        state: 'ok',
        plots,
      },
      ...{ free_bytes: Math.round(free), total_bytes: total, reserved_bytes: Math.round(reserved) },
      ...{ full_at: iso(fullAt), old_plots: 0, old_bytes: 0 },
    }),
  );
  const away = story.away.map(
    (point): DiskFigures => ({
      ...{ role: 'destination', path: `${point}/plots`, filesystem: null, state: 'not_mounted', plots: null },
      ...{ free_bytes: null, total_bytes: null, reserved_bytes: null, full_at: null },
      ...{ old_plots: null, old_bytes: null },
    }),
  );
  const filesystems = rooms.map(({ point, total, free, reserved, fullAt }): FileSystemFigures => {
    const step = Math.max(GIB, total / 1000);
    return {
      ...{ path: point, total_bytes: total, state: 'ok', full_at: iso(fullAt) },
      free_bytes: Math.floor(free / step) * step,
      used_percent: Math.round((1 - free / total) * 100),
      reserved_bytes: Math.ceil(reserved / step) * step,
    };
  });
  const destinations = rooms.filter(({ role }) => role === 'destination');
  const free = destinations.reduce((sum, room) => sum + room.free, 0);
  const left = destinations.reduce((sum, room) => sum + Math.floor(room.free / PLOT), 0);
  return {
    ...{ disks: [...figures, ...away], filesystems, free },
    total: destinations.reduce((sum, room) => sum + room.total, 0),
    fullAt: aDay > 0 ? now + (left / aDay) * 24 * HOUR : null,
  };
}
