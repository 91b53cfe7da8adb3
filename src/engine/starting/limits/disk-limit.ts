import { type DiskEntry, holdsStarts, isFor, limitsStarts, mayBeFor } from '../../../config/schema/disks.ts';
import { isPattern, mayMean, meantBy } from '../../../util/directory-patterns.ts';
import type { JobState } from '../../model/job-state.ts';
import type { Placed } from '../../model/worker-state.ts';
import type { GateAnswer, World } from '../gates/gate.ts';
import { type Ahead, answersOf, type LimitCounts, nextAfter, unfinishedOf } from './limit-counts.ts';
import { onTheirWay } from '../on-their-way.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { isThere, type Place, runsOn } from '../places/place.ts';
import { directoriesNow, type SeenDirectory } from '../places/seen-directories.ts';
import { lastStartOn } from './started-in.ts';
import { compareTurns, type Turn } from '../turn.ts';

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

/** A start that wants a directory. */
export interface Wanting {
  turn: Turn;
  /** Starts of its job that come before, and get it too. */
  coming: number;
  /** What starts of its job get that come before it. */
  taken: readonly (readonly Placed[])[];
}

/** Why a directory is held back for good, or how many more may get it. */
export interface DiskAnswer extends GateAnswer {
  /** `disks` closes it: nobody waits for that. */
  closed: boolean;
  /** It is about this directory, not about the disk that it is on. */
  ofDirectory: boolean;
}

/** What all entries that match a directory, and the plotter itself, say of one more worker that gets it. */
export function answersFor(
  world: World,
  { role, path, filesystem }: Pick<SeenDirectory, 'role' | 'path' | 'filesystem'>,
  start: Wanting,
): DiskAnswer[] {
  const place = { path, filesystem };
  const entries = world.memory.settings.disks.filter((entry) => isFor(entry, path));
  if (entries.some(({ closed }) => closed))
    return [{ closed: true, ofDirectory: false, room: 0, text: `${path} is closed (disks)` }];
  const limits = entries.filter(limitsStarts).flatMap((entry) => {
    const ahead = aheadOn(world, entry, place, start);
    const counts = countOn(world, entry, place);
    return answersOf(
      `on the disk of ${path} (disks: ${entry.match})`,
      entry,
      // Phases are limited where temporary directories are.
      role === 'temp' ? counts : { ...counts, unfinished: [] },
      ahead,
    ).map((answer) => ({ ...answer, closed: false, ofDirectory: false }));
  });
  return [...limits, ...oneAtATime(world, { role, path }, start)];
}

/** How many starts are on their way, go before this one, and may get a directory on the same disk. */
function aheadOn(world: World, entry: DiskEntry, place: Place, { turn, coming, taken }: Wanting): Ahead {
  const ahead = { all: coming, phases: coming };
  const add = (workers: number, may: { all: boolean; phases: boolean }) => {
    if (may.all) ahead.all += workers;
    if (may.phases) ahead.phases += workers;
  };
  for (const claims of taken)
    add(1, rolesIn(claims.filter((each) => isThere(place, each) && isFor(entry, each.path))));
  for (const other of world.state.jobs.values()) {
    if (other.id === turn.job) continue;
    const before = onTheirWay(world, other).filter((each) => compareTurns(each.turn, turn) < 0);
    const workers = before.reduce((sum, each) => sum + each.workers, 0);
    if (workers > 0) add(workers, rolesIn(mayGet(world, other, entry, place)));
  }
  return ahead;
}

function rolesIn(directories: readonly Pick<Placed, 'role'>[]): { all: boolean; phases: boolean } {
  return { all: directories.length > 0, phases: directories.some(({ role }) => role === 'temp') };
}

/** The directories on a disk that a job's next worker may get. */
function mayGet(world: World, job: JobState, entry: DiskEntry, place: Place): SeenDirectory[] {
  return directoriesNow(world, job).directories.filter((each) =>
    each.filesystem === ''
      ? mayBeThere(entry, each.path, place.path)
      : isThere(place, each) && isFor(entry, each.path),
  );
}

/** Where nobody knows yet on which disk a directory is: what an entry means by its name is taken for one. */
function mayBeThere(entry: DiskEntry, written: string, directory: string): boolean {
  const meant = meantBy(entry.match, directory);
  if (meant === null) return false;
  return isPattern(written) ? mayMean(meant, written) : meantBy(entry.match, written) === meant;
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
  const { looked, directories } = directoriesNow(world, job);
  return directories.some(({ path }) => (looked ? isFor(entry, path) : mayBeFor(entry, path)));
}

/** Whether it isn't known yet on which disks a job's directories are, and an entry may hold for one of them. */
export function isUnknown(world: World, job: JobState): boolean {
  const { looked, directories } = directoriesNow(world, job);
  if (looked) return false;
  const entries = world.memory.settings.disks.filter(holdsStarts);
  return directories.some(
    ({ filesystem, path }) => filesystem === '' && entries.some((entry) => mayBeFor(entry, path)),
  );
}
