import type { Config } from '../../config/schema/config.ts';
import type { Path } from '../../config/positions.ts';
import { type DiskEntry, rulesFor } from '../../config/schema/disks.ts';
import type { Place, Places } from '../../daemon/effects/places.ts';
import { LOOK_MS } from '../../daemon/moving/directories-of.ts';
import { directoryIdentity } from '../../host/directory-identity.ts';
import { isPattern } from '../../util/directory-patterns.ts';
import type { Misfit } from './check-job.ts';

/** A directory of a move, and the place in the configuration that means it. */
export interface MoveDirectory {
  path: Path;
  place: Place;
  identity: string | null;
}

/** A move with the directories that it means now and that are there. */
export interface LookedAtMove {
  id: string;
  enabled: boolean;
  from: MoveDirectory[];
  to: MoveDirectory[];
  misfits: Misfit[];
}

type Key = 'from' | 'to';

/** Of places with these problems the directory is there. */
const THERE: readonly Place['problem'][] = [null, 'not_writable', 'not_mounted'];

/** What is said of a directory that is there, or doesn't answer, and can't be used. */
const WHAT_IS_WRONG: Readonly<Record<string, Readonly<Record<Key, string | null>>>> = {
  not_writable: { from: "can't be written to by this account", to: "can't be written to by this account" },
  not_answering: { from: 'does not answer now', to: 'does not answer now' },
  // Nothing is taken from a directory without its disk, which is no mistake.
  not_mounted: { from: null, to: 'is not mounted: no plot goes there until it is' },
};

export interface MovesContext {
  disks: readonly DiskEntry[];
  places: Pick<Places, 'find'>;
}

/** The directories that moves name, as the daemon finds them. */
export async function lookAtMoves(
  { moves }: Pick<Config, 'moves'>,
  { places }: Pick<MovesContext, 'places'>,
): Promise<LookedAtMove[]> {
  return Promise.all(
    Object.entries(moves).map(async ([id, move]) => {
      const [from, to] = await Promise.all([
        lookAt(id, 'from', move.from, places),
        lookAt(id, 'to', move.to, places),
      ]);
      const misfits = [...from.misfits, ...to.misfits];
      return { id, enabled: move.enabled, from: from.there, to: to.there, misfits };
    }),
  );
}

/** What is wrong with moves, or looks like a mistake. */
export function checkMoves(
  looked: readonly LookedAtMove[],
  { disks }: Pick<MovesContext, 'disks'>,
): Misfit[] {
  const taken = new Map<string, string>();
  for (const { id, enabled, from } of looked)
    for (const { identity } of enabled ? from : []) if (identity !== null) taken.set(identity, id);
  return looked.flatMap((move) => [
    ...move.misfits,
    ...intoThoseTakenFrom(move, taken),
    ...allClosed(move, disks),
    ...(move.enabled ? onOneFileSystem(move) : []),
  ]);
}

async function lookAt(id: string, key: Key, written: readonly string[], places: MovesContext['places']) {
  const found = await places.find(written, { withinMs: LOOK_MS });
  const misfits: Misfit[] = [];
  const there = written.map(async (each, index): Promise<MoveDirectory[]> => {
    const path: Path = written.length === 1 ? ['moves', id, key] : ['moves', id, key, index];
    const warn = (message: string) =>
      misfits.push({ path, at: 'value', message: `move '${id}': ${message}`, warning: true });
    const all = found.get(each) ?? [];
    for (const { path: one, problem } of all) {
      const what = WHAT_IS_WRONG[problem ?? '']?.[key] ?? null;
      if (what !== null) warn(`${one} ${what}`);
    }
    const those = all.filter(({ problem }) => THERE.includes(problem));
    if (those.length === 0 && all.every(({ problem }) => problem !== 'not_answering'))
      warn(
        isPattern(each)
          ? `no directory matches ${each} now`
          : `${each} is no directory now; directories are never made`,
      );
    return Promise.all(
      those.map(async (place) => {
        const identity = await directoryIdentity(place.path, { timeoutMs: LOOK_MS });
        return { path, place, identity: identity?.key ?? null };
      }),
    );
  });
  return { there: (await Promise.all(there)).flat(), misfits };
}

/** No move writes into a directory that an enabled move takes plots out of. */
function intoThoseTakenFrom({ id, to }: LookedAtMove, taken: ReadonlyMap<string, string>): Misfit[] {
  return to.flatMap(({ path, place, identity }): Misfit[] => {
    const by = taken.get(identity ?? '');
    if (by === undefined) return [];
    const whose = by === id ? 'it takes plots out of that itself' : `move '${by}' takes plots out of that`;
    return [
      { path, at: 'value', warning: true, message: `move '${id}' never writes into ${place.path}: ${whose}` },
    ];
  });
}

/** Such a move waits for somebody to open a disk. */
function allClosed({ id, enabled, to }: LookedAtMove, disks: readonly DiskEntry[]): Misfit[] {
  const isClosed = ({ place }: MoveDirectory) => rulesFor(disks, place.path).closed;
  if (!enabled || to.length === 0 || !to.every(isClosed)) return [];
  const message = `move '${id}' moves nothing: all that it may write to is closed (disks: closed)`;
  return [{ path: ['moves', id, 'to'], at: 'value', message, warning: true }];
}

function onOneFileSystem({ id, from, to }: LookedAtMove): Misfit[] {
  const sources = new Map(from.map(({ place }) => [place.filesystem?.key, place.path]));
  return to.flatMap(({ path, place }): Misfit[] => {
    const source = place.filesystem === null ? undefined : sources.get(place.filesystem.key);
    // A directory that isn't mounted is told already.
    if (source === undefined || source === place.path || place.problem === 'not_mounted') return [];
    const message = `move '${id}': ${source} and ${place.path} are on one file system, so that plots are only renamed: is a disk not mounted?`;
    return [{ path, at: 'value', message, warning: true }];
  });
}
