import type { ReplotRule } from '../../config/schema/replot.ts';

/** How many old plots may go for one new one. */
export interface Wanted {
  /** So many go whether room is wanted or not. */
  atLeast: number;
  atMost: number;
  /** Bytes that are missing for the new plot; `null`: nobody looks at room. */
  missing: number | null;
}

/**
 * What a rule wants for one new plot. `credits`: how many plots went before for one that never came; what they left is
 * in `missing` already, where it is known.
 */
export function wantedFor(
  { as_needed, max_per_plot }: Pick<ReplotRule, 'as_needed' | 'max_per_plot'>,
  credits: number,
  missing: number | null,
): Wanted {
  return { atLeast: as_needed ? 0 : Math.max(0, max_per_plot - credits), atMost: max_per_plot, missing };
}

/**
 * The old plots that go for one new one, the oldest first; none where all that may go don't make room enough (contract,
 * section 10).
 * @param plots the oldest first
 */
export function chooseOldPlots<Plot extends { size: number }>(
  plots: readonly Plot[],
  { atLeast, atMost, missing }: Wanted,
): Plot[] {
  const chosen: Plot[] = [];
  let bytes = 0;
  for (const plot of plots) {
    const enough = chosen.length >= atLeast && bytes >= (missing ?? 0);
    if (enough || chosen.length >= atMost) break;
    chosen.push(plot);
    bytes += plot.size;
  }
  return missing !== null && bytes < missing ? [] : chosen;
}

/**
 * How many of the plots that went for ones that never came count for this new one: as many as it would have removed
 * itself; all, where it needs more beside them, since their room is taken then.
 * @param sizes of those plots, in their order
 * @param need bytes that the new plot takes
 * @param chosen how many more go for it
 */
export function creditsTaken(
  { as_needed, max_per_plot }: Pick<ReplotRule, 'as_needed' | 'max_per_plot'>,
  sizes: readonly number[],
  need: number,
  chosen: number,
): number {
  if (chosen > wantedFor({ as_needed, max_per_plot }, sizes.length, null).atLeast) return sizes.length;
  if (!as_needed) return Math.min(sizes.length, max_per_plot);
  let bytes = 0;
  let taken = 0;
  for (const size of sizes) {
    if (bytes >= need) break;
    bytes += size;
    taken += 1;
  }
  return taken;
}
