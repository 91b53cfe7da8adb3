import type { Path } from '../../config/positions.ts';
import type { Places } from '../../daemon/effects/places.ts';
import type { Misfit } from './check-job.ts';

/** How long all directories together may take to answer, in milliseconds. */
const WITHIN_MS = 5_000;

/** A rule of replotting that names directories. */
export interface RuleWithDirectories {
  /** Whose it is, as messages say it: `job 'a'`. */
  whose: string;
  /** Where it is written. */
  path: Path;
  /** Absolute; some may be patterns. */
  dirs: readonly string[];
}

/** Directories of a rule that aren't there, or of which no plot ever goes: another disk than the destinations'. */
export async function checkReplotDirectories(
  { whose, path, dirs }: RuleWithDirectories,
  destinations: readonly string[],
  places: Pick<Places, 'find'>,
): Promise<Misfit[]> {
  if (dirs.length === 0 || destinations.length === 0) return [];
  const found = await places.find([...dirs, ...destinations], { withinMs: WITHIN_MS });
  const at = (written: string) => (found.get(written) ?? []).filter(({ problem }) => problem !== 'missing');
  const keys = new Set(destinations.flatMap(at).map(({ filesystem }) => filesystem?.key));
  return dirs.flatMap((dir, index): Misfit[] => {
    const there = at(dir);
    if (there.some(({ filesystem }) => keys.has(filesystem?.key))) return [];
    const what =
      there.length === 0
        ? `${dir} matches no directory now`
        : `${dir} is on no disk of its destinations: no plot goes there, since old plots only make room on their own disk`;
    return [
      {
        ...{ path: [...path, 'dirs', ...(dirs.length === 1 ? [] : [index])], at: 'value', warning: true },
        message: `${whose}: replot: ${what}`,
      },
    ];
  });
}
