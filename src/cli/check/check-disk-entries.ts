import type { Config } from '../../config/schema/config.ts';
import { type DiskEntry, mayBeFor } from '../../config/schema/disks.ts';
import type { Place, Places } from '../../daemon/effects/places.ts';
import type { ResolveContext } from '../../engine/starting/places/resolve.ts';
import { wantedBy } from '../../engine/starting/places/seen-directories.ts';
import { sized } from '../../util/bytes.ts';
import type { Misfit } from './check-job.ts';

/** How long all of them together may take to answer, in milliseconds. */
const WITHIN_MS = 5_000;

/** The directories that a configuration names, as they are written: some may be patterns. */
interface Named {
  /** Those in which workers make plots. */
  temp: string[];
  /** Those in which they keep them. */
  destination: string[];
  /** Into which moves bring plots, and out of which they take them. */
  to: string[];
  from: string[];
}

type Entries = Pick<Config, 'disks' | 'jobs' | 'moves'>;

/**
 * Entries of `disks` that mean nothing: their disks may come later, no job and no move has a directory there, or what
 * they limit doesn't happen there. Somebody may have mistyped.
 */
export async function checkDiskEntries(
  { disks, jobs, moves }: Entries,
  places: Places,
  context: ResolveContext,
): Promise<Misfit[]> {
  const found = await places.find(
    disks.map(({ match }) => match),
    { withinMs: WITHIN_MS },
  );
  const named = namedBy(jobs, moves, context);
  return disks.flatMap((entry, index): Misfit[] => {
    const { match } = entry;
    const there = (found.get(match) ?? []).filter(({ problem }) => problem !== 'missing');
    const warn = (key: string, message: string): Misfit => ({
      ...{ path: ['disks', index, key], at: 'value', warning: true },
      message,
    });
    if (there.length === 0) return [warn('match', `${match} matches no directory now`)];
    return [
      ...(named === null ? [] : idle(entry, named, warn)),
      ...away(entry, there, warn),
      ...withoutRoom(entry, there, warn),
    ];
  });
}

/** `null`: there are none, or those of a job aren't known, which others say. */
function namedBy(jobs: Config['jobs'], moves: Config['moves'], context: ResolveContext): Named | null {
  const each = Object.entries(jobs).map(([id, definition]) => wantedBy(context, { id, definition }));
  if (each.some(({ length }) => length === 0)) return null;
  if (each.length === 0 && Object.keys(moves).length === 0) return null;
  const byRole = (isWanted: (role: string) => boolean) =>
    each
      .flat()
      .filter(({ role }) => isWanted(role))
      .map(({ path }) => path);
  return {
    temp: byRole((role) => role === 'temp'),
    destination: byRole((role) => role !== 'temp'),
    to: Object.values(moves).flatMap(({ to }) => to),
    from: Object.values(moves).flatMap(({ from }) => from),
  };
}

type Warn = (key: string, message: string) => Misfit;

/** Rules that hold for no directory of this file. Jobs made over MQTT have others. */
function idle(entry: DiskEntry, { temp, destination, to, from }: Named, warn: Warn): Misfit[] {
  const isIn = (directories: readonly string[]) => directories.some((each) => mayBeFor(entry, each));
  const { match, max_in_phase = {}, max_moves } = entry;
  if (!isIn([...temp, ...destination, ...to, ...from]))
    return [
      warn(
        'match',
        `no job and no move of this file has a directory in ${match}, so the entry holds for nothing`,
      ),
    ];
  return [
    ...(Object.keys(max_in_phase).length > 0 && !isIn(temp)
      ? [
          warn(
            'max_in_phase',
            `no job of this file has a temporary directory in ${match}: max_in_phase limits nothing there`,
          ),
        ]
      : []),
    ...(max_moves !== undefined && !isIn(to)
      ? [warn('max_moves', `no move of this file brings plots to ${match}: max_moves limits nothing there`)]
      : []),
  ];
}

/** Disks that somebody wants mounted: directories inside them aren't there, so that nobody else speaks of them. */
function away({ mounted }: DiskEntry, there: readonly Place[], warn: Warn): Misfit[] {
  if (mounted !== true) return [];
  return there
    .filter(({ problem }) => problem === 'not_mounted')
    .map(({ path }) => warn('match', `${path} is not mounted: it is left out until it is`));
}

/** Of which all is to be kept free. */
function withoutRoom({ keep_free = 0 }: DiskEntry, there: readonly Place[], warn: Warn): Misfit[] {
  const small = there.filter(
    ({ problem, total_bytes }) => problem === null && total_bytes !== null && total_bytes <= keep_free,
  );
  return small.map(({ path, total_bytes }) =>
    warn(
      'keep_free',
      `keep_free is all that ${path} has, ${sized(total_bytes ?? 0)}: no plot ever has room there`,
    ),
  );
}
