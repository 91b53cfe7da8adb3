import { type DiskEntry, isFor, limitsStarts } from '../../config/schema/disks.ts';
import type { JobState } from '../model/job-state.ts';
import type { GateAnswer, World } from './gates/gate.ts';
import { type Ahead, answersOf, type LimitCounts, nextAfter, unfinishedOf } from './limit-counts.ts';
import { onTheirWay } from './on-their-way.ts';
import { isThere, type Place, runsOn } from './place.ts';
import { directoriesNow, type SeenDirectory } from './seen-directories.ts';
import { lastStartOn } from './started-in.ts';
import { compareTurns, type Turn } from './turn.ts';

/**
 * Limits of `disks` on how many workers start: each entry counts for each file system by itself, in the directories
 * that it matches (contract, section 8).
 */

/** What an entry counts on a disk. `steady`: milliseconds on the steady clock. */
function countOn({ state, steady }: World, entry: DiskEntry, place: Place): LimitCounts {
  const last = entry.apart ? lastStartOn(state, place, (path) => isFor(entry, path)) : null;
  return {
    running: runsOn(state, entry, place).length,
    unfinished: unfinishedOf(state, entry, runsOn(state, entry, place, 'temp')),
    ...nextAfter(last, entry, steady),
  };
}

/**
 * What all entries that match a directory say of one more worker that gets it. `coming`: starts of its job that come
 * before and get it too.
 */
export function answersFor(
  world: World,
  { role, path, filesystem }: Omit<SeenDirectory, 'argument'>,
  coming: number,
  turn: Turn,
): GateAnswer[] {
  const place = { path, filesystem };
  const entries = world.memory.settings.disks.filter((entry) => limitsStarts(entry) && isFor(entry, path));
  return entries.flatMap((entry) => {
    const ahead = aheadOn(world, entry, place, turn);
    const counts = countOn(world, entry, place);
    return answersOf(
      `on the disk of ${path} (disks: ${entry.match})`,
      entry,
      // Phases are limited where temporary directories are.
      role === 'temp' ? counts : { ...counts, unfinished: [] },
      { all: coming + ahead.all, phases: coming + ahead.phases },
    );
  });
}

/** How many starts of other jobs are on their way, go before this one, and may get a directory on the same disk. */
function aheadOn(world: World, entry: DiskEntry, place: Place, turn: Turn): Ahead {
  const ahead = { all: 0, phases: 0 };
  for (const other of world.state.jobs.values()) {
    if (other.id === turn.job) continue;
    const before = onTheirWay(world, other).filter((each) => compareTurns(each.turn, turn) < 0);
    if (before.length === 0) continue;
    const may = mayGet(world, other, entry, place);
    const workers = before.reduce((sum, each) => sum + each.workers, 0);
    if (may.all) ahead.all += workers;
    if (may.phases) ahead.phases += workers;
  }
  return ahead;
}

/** Whether a job's next worker may get a directory on this disk: on whatever disk one is of which that isn't known. */
function mayGet(
  world: World,
  job: JobState,
  entry: DiskEntry,
  place: Place,
): { all: boolean; phases: boolean } {
  const there = directoriesNow(world, job).directories.filter(
    (each) => (each.filesystem === '' || isThere(place, each)) && isFor(entry, each.path),
  );
  return { all: there.length > 0, phases: there.some(({ role }) => role === 'temp') };
}

/** What an entry of `disks` counts on all disks that jobs may get, for whoever follows it. */
export interface DiskCounts {
  /** All that its answers depend on, as text. */
  text: string;
  /** When the first start may be on one of them that has to wait, on the steady clock; 0: none has. */
  due: number;
}

/** What an entry counts now, on each disk. */
export function countDisks(world: World, entry: DiskEntry): DiskCounts {
  const jobs = [...world.state.jobs.values()].filter((job) => isOver(world, entry, job));
  const directories = jobs.map((job) =>
    directoriesNow(world, job).directories.filter(({ path }) => isFor(entry, path)),
  );
  const places: Place[] = [];
  for (const place of directories.flat())
    if (!places.some((each) => isThere(each, place))) places.push(place);
  const counts = places.map((place) => countOn(world, entry, place));
  const dues = counts.flatMap(({ due }) => (due === 0 ? [] : [due]));
  const coming = jobs.map((job) => onTheirWay(world, job));
  return {
    text: JSON.stringify([entry, directories, counts, coming]),
    due: dues.length === 0 ? 0 : Math.min(...dues),
  };
}

/** Whether an entry matches a directory of a job, as it is seen or as its arguments name it. */
export function isOver(world: World, entry: DiskEntry, job: JobState): boolean {
  return directoriesNow(world, job).directories.some(({ path }) => isFor(entry, path));
}
