import type { Path } from '../../config/positions.ts';
import type { JobDefinition } from '../../config/schema/job.ts';

/**
 * Whether a problem at `path` may come of others that are told already, at `places`: of what was wrong only what is
 * right was looked at.
 */
export function isFollowOn(
  path: Path,
  places: readonly Path[],
  jobs: Readonly<Record<string, Pick<JobDefinition, 'plotter'>>>,
): boolean {
  const [section, id, field, name] = path;
  const plotter = section === 'jobs' ? jobs[String(id)]?.plotter : undefined;
  return places.some((place) => {
    if (place.length > 1 && isIn(path, place)) return true;
    // Without the key that is wrong a rule of replotting means more than it should.
    if (field === 'replot' && isIn(place, ['jobs', String(id), field])) return true;
    if (plotter === undefined) return false;
    const isOfPlotter = isIn(['plotters', plotter, 'arguments'], place) && place[0] === 'plotters';
    if (field === 'plotter') return isOfPlotter;
    // An argument that was wrong somewhere seems to be missing.
    return field === 'arguments' && (isOfPlotter || isIn(['defaults'], place) || place.at(-1) === name);
  });
}

/** Whether `place` is this path, or what it is in; the whole file doesn't count. */
function isIn(path: Path, place: Path): boolean {
  return place.length > 0 && place.every((part, index) => part === path[index]);
}
