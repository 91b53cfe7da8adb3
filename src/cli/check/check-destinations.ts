import type { Config } from '../../config/schema/config.ts';
import type { Place } from '../../daemon/effects/places.ts';
import { LOOK_MS } from '../../daemon/moving/directories-of.ts';
import type { ResolveContext } from '../../engine/starting/places/resolve.ts';
import { wantedBy } from '../../engine/starting/places/seen-directories.ts';
import { someOf } from '../../engine/starting/places/some-of.ts';
import { directoryIdentity } from '../../host/directory-identity.ts';
import { meantBy } from '../../util/directory-patterns.ts';
import { argumentPath, levelOf } from './argument-places.ts';
import type { Misfit } from './check-job.ts';
import type { LookedAtMove, MoveDirectory, MovesContext } from './check-moves.ts';

/** A destination of a job as it is written, with the directories that it means now. */
interface Destination {
  job: string;
  argument: string;
  written: string;
  now: { place: Place; identity: string | null }[];
}

type Moves = Pick<Config, 'moves' | 'jobs'>;

/**
 * Jobs whose plots go where a move brings others, so that they take its room and its disk's time, and jobs whose plots
 * stay on a disk from which a move takes others.
 */
export async function checkDestinations(
  { moves, jobs }: Moves,
  looked: readonly LookedAtMove[],
  context: ResolveContext & Pick<MovesContext, 'places'>,
): Promise<Misfit[]> {
  if (looked.length === 0) return [];
  const destinations = await Promise.all(
    Object.entries(jobs).flatMap(([job, definition]) =>
      wantedBy(context, { id: job, definition })
        .filter(({ role }) => role === 'destination')
        .map(
          async ({ argument, path }): Promise<Destination> => ({
            ...{ job, argument, written: path },
            now: await identified(path, context),
          }),
        ),
    ),
  );
  return destinations.flatMap((destination) => {
    const { job, argument } = destination;
    const definition = jobs[job];
    if (definition === undefined) return [];
    const { level } = levelOf(argument, definition, context);
    const path = argumentPath(job, definition.plotter, argument, level);
    const warn = (message: string): Misfit => ({ path, at: 'value', message, warning: true });
    const kept = looked.flatMap((move) => {
      const there = intoWhichItBrings(destination, move, moves[move.id]?.to ?? []);
      return there.length === 0
        ? []
        : [
            warn(
              `job '${job}' makes its plots in ${someOf(there)}, into which move '${move.id}' brings others: mostly a directory is meant that the move takes plots out of`,
            ),
          ];
    });
    return kept.length > 0 ? kept : left(destination, looked).map(warn);
  });
}

async function identified(
  written: string,
  { places }: Pick<MovesContext, 'places'>,
): Promise<Destination['now']> {
  const found = (await places.find([written], { withinMs: LOOK_MS })).get(written) ?? [];
  const there = found.filter(({ problem }) => problem !== 'missing' && problem !== 'not_answering');
  return Promise.all(
    there.map(async (place) => {
      const identity = await directoryIdentity(place.path, { timeoutMs: LOOK_MS });
      return { place, identity: identity?.key ?? null };
    }),
  );
}

/** By what the directories are, whatever their names; of those that aren't there by their names. */
function intoWhichItBrings(
  { written, now }: Destination,
  { to }: LookedAtMove,
  patterns: readonly string[],
): string[] {
  const known = identitiesOf(to);
  const same = now.filter(({ identity }) => identity !== null && known.has(identity));
  if (same.length > 0) return same.map(({ place }) => place.path);
  return patterns.some((pattern) => meantBy(pattern, written) === written) ? [written] : [];
}

/** Plots that fill a fast disk: a move takes plots from it, but not out of the directory of this job. */
function left({ job, now }: Destination, looked: readonly LookedAtMove[]): string[] {
  const takenFrom = identitiesOf(looked.flatMap(({ from }) => from));
  const there = now.filter(({ identity }) => identity !== null);
  if (there.length === 0 || there.some(({ identity }) => takenFrom.has(identity ?? ''))) return [];
  return looked.flatMap(({ id, enabled, from, to }) => {
    const isOn = (directories: readonly MoveDirectory[]) =>
      directories.find(({ place }) => there.some((each) => isSameDisk(each.place, place)));
    const source = isOn(from);
    if (!enabled || source === undefined || isOn(to) !== undefined) return [];
    const stays = someOf(there.map(({ place }) => place.path));
    return [
      `job '${job}' makes its plots in ${stays}, out of which no move takes them, while move '${id}' takes others from ${source.place.path} on the same disk`,
    ];
  });
}

function isSameDisk({ filesystem: one }: Place, { filesystem: other }: Place): boolean {
  return one !== null && one.key === other?.key;
}

function identitiesOf(directories: readonly MoveDirectory[]): ReadonlySet<string> {
  return new Set(directories.flatMap(({ identity }) => identity ?? []));
}
