import type { MoveEntry } from '../../config/schema/move.ts';
import { isInFuture, MOST_OLD_PLOTS, type ReplotRule } from '../../config/schema/replot.ts';

/** The rule by which a move removes old plots, its directories absolute; `null`: it removes none. */
export function ruleOfMove({ to, replot }: Pick<MoveEntry, 'to' | 'replot'>): ReplotRule | null {
  if (replot === undefined) return null;
  const { dirs = to, max_per_plot = MOST_OLD_PLOTS } = replot;
  return { ...replot, dirs, max_per_plot, as_needed: true };
}

/** Why none may go by this rule at `now` (milliseconds since 1970), as the end of a sentence; `null`: some may. */
export function whyNoneGoes({ before, dry_run }: ReplotRule, now: number): string | null {
  // A clock that was set back makes what is new old.
  if (isInFuture(before, now)) return `replot.before ${before} is in the future by this machine's clock`;
  return dry_run ? 'replotting is a dry run' : null;
}
