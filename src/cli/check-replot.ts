import { join } from 'node:path';
import type { JobDefinition } from '../config/schema/job.ts';
import { type OldPlot, oldestPlots, type PlotTimeSource } from '../host/plots.ts';
import { PlotHistory } from '../storage/plot-records.ts';
import { sized } from '../util/bytes.ts';
import { messageOf } from '../util/errors.ts';
import type { Misfit } from './check-job.ts';

const BY: Readonly<Record<PlotTimeSource, string>> = {
  record: 'by the record of its making',
  name: 'by its name',
  file: 'by its time of modification',
};

/** What the daemon has written down of its plots, as the check finds it. */
export interface KnownPlots {
  history: PlotHistory;
  misfits: Misfit[];
}

/** Reads the history of the daemon, and says what is wrong with it. */
export async function readKnownPlots(dataDir: string): Promise<KnownPlots> {
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
  return { history, misfits };
}

/**
 * What the job's rule of replotting would remove now, in lines to print; none without a rule. `all`: every file. Of
 * several destinations one is chosen at each start.
 */
export async function replotLines(
  { replot }: JobDefinition,
  destinations: readonly string[],
  known: KnownPlots,
  all: boolean,
): Promise<string[]> {
  if (replot === undefined) return [];
  const each = destinations.map((directory) => linesFor(directory, replot.before, known, all));
  return (await Promise.all(each)).flat();
}

async function linesFor(
  directory: string,
  before: string,
  { history }: KnownPlots,
  all: boolean,
): Promise<string[]> {
  try {
    const { plots } = await oldestPlots(directory, {
      before: new Date(before),
      count: Number.POSITIVE_INFINITY,
      recordOf: (name) => history.timeOf(name),
      cautious: history.damaged > 0,
    });
    return [summary(plots, before, directory), ...(all ? plots.map(listed) : [])];
  } catch (error) {
    return [`replot: old plots can't be looked for: ${messageOf(error)}`];
  }
}

function summary(plots: readonly OldPlot[], before: string, directory: string): string {
  const [first] = plots;
  if (first === undefined) return `replot: no plot in ${directory} is from before ${before}`;
  const bytes = sized(plots.reduce((sum, { size }) => sum + size, 0));
  const count = plots.length === 1 ? '1 plot' : `${plots.length} plots`;
  return `replot: ${count} (${bytes}) in ${directory} would be removed, one for each new plot; the first: ${first.file}`;
}

function listed({ file, size, time, source }: OldPlot): string {
  return `  ${file}  ${sized(size)}  ${new Date(time).toISOString()} (${BY[source]})`;
}
