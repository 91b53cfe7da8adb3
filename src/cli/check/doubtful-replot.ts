import type { Path } from '../../config/positions.ts';
import type { ReplotRule } from '../../config/schema/replot.ts';
import type { ResolvedJob } from '../../engine/starting/places/resolve.ts';
import type { OldPlots } from '../../host/plots.ts';
import { spaceNeeds } from '../../plotters/space.ts';
import type { Misfit } from './check-job.ts';
import { onlyThose } from './replot-words.ts';

/** A rule that means nothing, or all that there is, is seldom what somebody wants. */
export function doubts(
  rule: ReplotRule,
  found: readonly OldPlots[],
  { whose, path, where }: { whose: string; path: Path; where: string },
): Misfit[] {
  const plots = found.reduce((sum, each) => sum + each.plots.length, 0);
  const seen = found.reduce((sum, each) => sum + each.seen, 0);
  const warning = (message: string): Misfit => ({
    ...{ path, at: 'key', warning: true },
    message: `${whose}: ${message}`,
  });
  if (plots === 0)
    return [
      warning(`no plot in ${where} is one that this rule of replotting would remove${onlyThose(rule)}`),
    ];
  if (plots < seen) return [];
  return [warning(`this rule of replotting would remove every plot in ${where}; is that meant?`)];
}

/** Where nobody knows what a plot takes, none is needed. */
export function needsUnknown(
  id: string,
  { as_needed }: ReplotRule,
  { definition, values }: ResolvedJob,
): Misfit[] {
  if (!as_needed || spaceNeeds(definition, values) !== null) return [];
  const message = `job '${id}': the room that a plot takes isn't known with these arguments, so that as_needed removes none`;
  return [{ path: ['jobs', id, 'replot', 'as_needed'], at: 'value', message, warning: true }];
}
