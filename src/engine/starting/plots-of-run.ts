import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import type { JobState } from '../model/job-state.ts';
import { newestOf, plotsToCome, type State } from '../model/state.ts';
import type { Placed } from '../model/worker-state.ts';
import { limitsOf, plotsLeft } from './limits/limits.ts';

/** How many plots a run that starts now should make, whatever room there is (contract, section 12): never without end. */
export function plotsWanted(state: State, job: JobState, { several }: PlotterDefinition): number {
  if (several === undefined) return 1;
  return Math.max(1, Math.min(job.definition.plots_per_run, plotsLeft(limitsOf(state, job))));
}

/** The largest number up to `wanted` that `fits`, of which 1 is known to. A number fits where a larger one does. */
export function mostPlots(wanted: number, fits: (plots: number) => boolean): number {
  let most = 1;
  let step = 1;
  for (; most < wanted && fits(Math.min(wanted, most + step)); step *= 2)
    most = Math.min(wanted, most + step);
  for (; step >= 1; step = Math.floor(step / 2)) if (most + step <= wanted && fits(most + step)) most += step;
  return most;
}

/**
 * What a run claims for the plots that it makes after its first: room in the destination. Temporary room is that of the
 * first. Where old plots go for each of them each is by itself.
 */
export function laterPlots(claims: readonly Placed[], more: number, apart: boolean): Placed[][] {
  if (more === 0) return [];
  const ofPlot = claims.filter(({ role }) => role === 'destination');
  if (apart) return Array.from({ length: more }, () => ofPlot);
  return [ofPlot.map((claim) => ({ ...claim, bytes: claim.bytes * more }))];
}

/** Room for the plots that runs will still begin; for those for which old ones will go, it is these that make it. */
export function plotsToBegin(state: State): Placed[] {
  return [...state.runs.values()].flatMap((run) => {
    const more = plotsToCome(state, run);
    const newest = more === 0 ? undefined : newestOf(state, run.id);
    if (!newest || (newest.replot_rule !== null && !newest.replot_rule.dry_run)) return [];
    return laterPlots(newest.placement, more, false).flat();
  });
}
