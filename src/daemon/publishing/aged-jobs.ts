import type { State } from '../../engine/model/state.ts';
import { hasAged, LAST_DAY } from '../../engine/model/tally.ts';

/** Says, each time, which jobs have lost plots of the last 24 hours to time alone since it was asked before. */
export function agedJobs({ jobs }: Pick<State, 'jobs'>, steady: () => number): () => string[] {
  let from = steady();
  return () => {
    const span = { from, to: steady() };
    from = span.to;
    return [...jobs.values()]
      .filter(({ recent_plots }) => hasAged(recent_plots, span, LAST_DAY))
      .map(({ id }) => id);
  };
}
