import { recallRecent } from '../../engine/mending/recall-recent.ts';
import { NOTHING_COUNTED, recount } from '../../engine/mending/recount.ts';
import type { State } from '../../engine/model/state.ts';
import { type CountedLine, historyLines } from '../../storage/history.ts';
import { historyFile } from '../worker-directory/paths.ts';
import type { Beside } from './losses.ts';

type Options = Pick<Beside, 'dataDir' | 'now' | 'clock'>;

/** All lines of the history, those that are still to be written too. */
export function allLines(dataDir: string, state: State): CountedLine[] {
  return [...historyLines(historyFile(dataDir)), ...state.history.values()];
}

/** What the history says of the last days, where records are lost. */
export function mendRecent({ dataDir, now, clock }: Options, state: State): void {
  recallRecent(state, allLines(dataDir, state), { now: now(), steady: clock.now() });
}

/**
 * A state of a version that counted neither failed plots nor those of the last days: the history did. Returns whether
 * it was one.
 */
export function countForFirstTime(options: Options, state: State): boolean {
  if (state.recent_plots !== null) return false;
  const { jobs } = recount(NOTHING_COUNTED, allLines(options.dataDir, state));
  for (const job of state.jobs.values())
    job.plots_failed = Math.max(job.plots_failed, jobs.get(job.id)?.failed ?? 0);
  mendRecent(options, state);
  return true;
}
