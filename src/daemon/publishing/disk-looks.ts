import type { JobDefinition } from '../../config/schema/job.ts';
import type { DiskFigures, DiskState, Space } from '../../contract/views.ts';
import type { Settings } from '../../engine/memory.ts';
import type { State } from '../../engine/model/state.ts';
import { resolveJob } from '../../engine/starting/resolve.ts';
import { type FileSystem, mounts, pointsAround } from '../../host/mounts.ts';
import type { PlotCounts } from '../../host/plot-counts.ts';
import { directoryChoices } from '../../plotters/command.ts';
import { isPattern } from '../../util/directory-patterns.ts';
import { suffixesOf } from '../configuration/settings.ts';
import type { Place, Places } from '../effects/places.ts';

/** All of it is known so soon; what hasn't answered by then is asked again with the next figures. */
const WITHIN_MS = 3_500;

/** What a look at a directory found; `null` is what isn't known. */
export interface DiskLook extends Pick<DiskFigures, 'role' | 'path' | 'state' | 'plots'>, Space {
  filesystem: FileSystem | null;
}

/** What a look at all of them found. */
export interface DisksLook {
  disks: DiskLook[];
  /** The mount points of the file system that any directory is on by its name, no disk being asked. */
  pointsAround(directory: string): string[];
}

/** A directory, or pattern, on which jobs plot. */
interface Written {
  role: DiskFigures['role'];
  path: string;
}

const STATES: Readonly<Record<NonNullable<Place['problem']>, DiskState>> = {
  missing: 'missing',
  not_a_directory: 'missing',
  not_writable: 'read_only',
  not_answering: 'not_answering',
  not_mounted: 'not_mounted',
};

/** Of these nothing is known: what a name means there is another disk, or none. */
const AWAY: ReadonlySet<DiskState> = new Set(['missing', 'not_mounted', 'not_answering']);

/** Looks at the disks that jobs plot on, by role. Never rejects. */
export async function lookAtDisks(
  { jobs }: Pick<State, 'jobs'>,
  settings: Settings,
  { places, counts }: { places: Places; counts: PlotCounts },
): Promise<DisksLook> {
  const written = writtenOf(jobs.values(), settings);
  const found = await places.find(
    written.map(({ path }) => path),
    { withinMs: WITHIN_MS, again: true },
  );
  const disks = new Map<string, Omit<DiskLook, 'plots'>>();
  for (const { role, path } of written)
    for (const place of found.get(path) ?? []) disks.set(`${role} ${place.path}`, lookOf(role, place));
  const plots = await countPlots([...disks.values()], counts, suffixesOf(settings));
  const table = mounts();
  return {
    disks: [...disks.values()].map((disk) => ({ ...disk, plots: plots.get(disk.path) ?? null })),
    pointsAround: (directory) => pointsAround(directory, table),
  };
}

function lookOf(
  role: DiskFigures['role'],
  { path, problem, filesystem, free_bytes, total_bytes }: Place,
): Omit<DiskLook, 'plots'> {
  const state = problem === null ? 'ok' : STATES[problem];
  const known = AWAY.has(state)
    ? { free_bytes: null, total_bytes: null, filesystem: null }
    : { free_bytes, total_bytes, filesystem };
  return { role, path, ...known, state };
}

/** By directory, each once; of those that are away nothing is asked. */
async function countPlots(
  disks: readonly Pick<DiskLook, 'path' | 'state'>[],
  counts: PlotCounts,
  suffixes: readonly string[],
): Promise<Map<string, number | null>> {
  const paths = new Set(disks.filter(({ state }) => !AWAY.has(state)).map(({ path }) => path));
  const count = async (path: string) => [path, await counts.count(path, suffixes)] as const;
  const counted = new Map(await Promise.all([...paths].map(count)));
  counts.keep(paths);
  return counted;
}

/** The directories of these, each once, as far as they are known without a look: patterns have matched them. */
export function knownDirectories({ jobs, matched }: Pick<State, 'jobs' | 'matched'>, settings: Settings) {
  const paths = writtenOf(jobs.values(), settings).flatMap(({ path }) =>
    isPattern(path) ? (matched[path] ?? []).map((each) => each.path) : [path],
  );
  return paths.map((path) => ({ path }));
}

function writtenOf(jobs: Iterable<{ id: string; definition: JobDefinition }>, settings: Settings): Written[] {
  const all = new Map<string, Written>();
  for (const { id, definition } of jobs) {
    const resolved = resolveJob(id, definition, settings);
    if (!resolved.ok) continue;
    for (const { role, written } of directoryChoices(resolved.definition, resolved.values))
      for (const path of written) all.set(`${role} ${path}`, { role, path });
  }
  return [...all.values()];
}
