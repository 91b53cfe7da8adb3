import type { JobDefinition } from '../config/schema/job.ts';
import type { Places } from '../daemon/effects/places.ts';
import { withAbsoluteDirectories } from '../engine/moving/replot-rule.ts';
import type { Misfit } from './check-job.ts';

/** How long all directories together may take to answer, in milliseconds. */
const WITHIN_MS = 5_000;

/** Directories of a rule that aren't there, or of which no plot ever goes: another disk than the destinations'. */
export async function checkReplotDirectories(
  id: string,
  { replot }: Pick<JobDefinition, 'replot'>,
  destinations: readonly string[],
  { places, directory }: { places: Pick<Places, 'find'>; directory: string },
): Promise<Misfit[]> {
  if (replot?.dirs === undefined || destinations.length === 0) return [];
  const { dirs = [] } = withAbsoluteDirectories(replot, directory);
  const found = await places.find([...dirs, ...destinations], { withinMs: WITHIN_MS });
  const at = (written: string) => (found.get(written) ?? []).filter(({ problem }) => problem !== 'missing');
  const keys = new Set(destinations.flatMap(at).map(({ filesystem }) => filesystem?.key));
  return dirs.flatMap((dir, index): Misfit[] => {
    const there = at(dir);
    if (there.some(({ filesystem }) => keys.has(filesystem?.key))) return [];
    const path = ['jobs', id, 'replot', 'dirs', ...(dirs.length === 1 ? [] : [index])];
    const what =
      there.length === 0
        ? `${dir} matches no directory now`
        : `${dir} is on no disk of the job's destinations: no plot goes there, since old plots only make room on their own disk`;
    return [{ path, at: 'value', message: `job '${id}': replot: ${what}`, warning: true }];
  });
}
