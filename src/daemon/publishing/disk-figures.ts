import type { JobDefinition } from '../../config/schema/job.ts';
import type { DiskFigures, DiskState } from '../../contract/views.ts';
import type { Settings } from '../../engine/memory.ts';
import type { State } from '../../engine/model/state.ts';
import { resolveJob } from '../../engine/starting/places/resolve.ts';
import { directoryChoices } from '../../plotters/command.ts';
import { meantBy } from '../../util/directory-patterns.ts';
import type { Place, Places } from '../effects/places.ts';

/** What a look at a directory found. */
export type DiskLook = Omit<
  DiskFigures,
  'reserved_bytes' | 'plots' | 'full_at' | 'old_plots' | 'old_bytes'
> & {
  /** What tells its file system from others; `null` where it isn't known. */
  key: string | null;
};

/** All of it is known so soon; what hasn't answered by then is asked again with the next figures. */
const WITHIN_MS = 3_500;

/** A directory, or pattern, on which jobs plot, or into which moves bring plots. */
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

/** The disks that jobs plot on, and those where moves go, by role, as `B/host` lists them. */
export async function lookAtDisks(
  { jobs }: Pick<State, 'jobs'>,
  settings: Settings,
  places: Places,
): Promise<DiskLook[]> {
  const written = writtenOf(jobs.values(), settings);
  const found = await places.find(
    written.map(({ path }) => path),
    { withinMs: WITHIN_MS, again: true },
  );
  const disks = new Map<string, DiskLook>();
  for (const { role, path } of written)
    for (const place of found.get(path) ?? []) disks.set(`${role} ${place.path}`, figuresOf(role, place));
  return [...disks.values()];
}

function figuresOf(
  role: DiskFigures['role'],
  { path, problem, filesystem, free_bytes, total_bytes }: Place,
): DiskLook {
  const state = problem === null ? 'ok' : STATES[problem];
  const known = AWAY.has(state)
    ? { free_bytes: null, total_bytes: null, filesystem: null, key: null }
    : {
        ...{ free_bytes, total_bytes },
        ...{ filesystem: filesystem?.point ?? null, key: filesystem?.key ?? null },
      };
  return { role, path, ...known, state };
}

function writtenOf(jobs: Iterable<{ id: string; definition: JobDefinition }>, settings: Settings): Written[] {
  const all = new Map<string, Written>();
  for (const { id, definition } of jobs) {
    const resolved = resolveJob(id, definition, settings);
    if (!resolved.ok) continue;
    for (const { role, written } of directoryChoices(resolved.definition, resolved.values))
      for (const path of written) {
        const as = role === 'destination' && isStaging(path, settings) ? 'staging' : role;
        all.set(`${as} ${path}`, { role: as, path });
      }
  }
  for (const { to } of settings.moves.values())
    for (const path of to) all.set(`destination ${path}`, { role: 'destination', path });
  return [...all.values()];
}

/** Whether a move takes plots out of a directory, or pattern, in which jobs put theirs. */
function isStaging(path: string, { moves }: Settings): boolean {
  return [...moves.values()].some(({ from }) =>
    from.some((pattern) => pattern === path || meantBy(pattern, path) === path),
  );
}
