import { join } from 'node:path';
import { PlotHistory } from '../../storage/plot-records.ts';
import type { Misfit } from './check-job.ts';

/** What the daemon has written down of its plots, as the check finds it. */
export interface KnownPlots {
  history: PlotHistory;
  /** How files of plots end, by the definitions of all plotters. */
  suffixes: readonly string[];
  misfits: Misfit[];
}

/** Reads the history of the daemon, and says what is wrong with it. */
export async function readKnownPlots(dataDir: string, suffixes: readonly string[]): Promise<KnownPlots> {
  const file = join(dataDir, 'history.jsonl');
  const history = new PlotHistory(file);
  const unread = await history.refresh();
  const warning = (message: string): Misfit => ({ path: ['data_dir'], at: 'value', message, warning: true });
  const misfits: Misfit[] = [];
  if (unread !== null)
    misfits.push(
      warning(`${file} can't be read, so that replotting removes nothing, whatever is said here: ${unread}`),
    );
  else if (history.damaged > 0)
    misfits.push(
      warning(
        `${file} has damaged lines (${history.damaged}): of a plot without a record the later of its name's date and its time of modification counts`,
      ),
    );
  return { history, suffixes, misfits };
}
