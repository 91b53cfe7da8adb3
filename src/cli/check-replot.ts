import { join } from 'node:path';
import type { JobDefinition } from '../config/schema/job.ts';
import type { ReplotRule } from '../config/schema/replot.ts';
import { replotDirectories } from '../daemon/effects/replot-directories.ts';
import { withAbsoluteDirectories, withDestinations } from '../engine/moving/replot-rule.ts';
import type { ResolvedJob } from '../engine/starting/resolve.ts';
import type { PlotTimeSource } from '../host/plot-times.ts';
import { deviceOf, type OldPlot, type OldPlots, oldestPlotsIn } from '../host/plots.ts';
import { spaceNeeds } from '../plotters/space.ts';
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

export interface ReplotReport {
  /** What the rule would remove now, in lines to print; none without a rule. */
  lines: string[];
  misfits: Misfit[];
}

interface ReplotContext {
  knownPlots: KnownPlots;
  /** Whether every file is listed. */
  listPlots: boolean;
  /** That of config.yaml, against which relative directories are. */
  directory: string;
  /** Every destination that may be chosen. */
  destinations: readonly string[];
}

/** What a job's rule of replotting would remove now, on each file system of its destinations, and what looks wrong with it. */
export async function checkReplot(
  id: string,
  { replot }: JobDefinition,
  resolved: ResolvedJob,
  { knownPlots, listPlots, directory, destinations }: ReplotContext,
): Promise<ReplotReport> {
  if (replot === undefined || destinations.length === 0) return { lines: [], misfits: [] };
  const rule = withDestinations(withAbsoluteDirectories(replot, directory), resolved);
  try {
    const looks = await Promise.all(
      (await byDevice(destinations)).map(async (there) => {
        const [first = ''] = there;
        const found = await oldestPlotsIn(
          first,
          await replotDirectories(rule, first),
          searchFor(rule, knownPlots),
        );
        return { found, where: (replot.dirs === undefined ? there : (rule.dirs ?? there)).join(', ') };
      }),
    );
    const all = looks.map(({ found }) => found);
    const where = (replot.dirs === undefined ? destinations : (rule.dirs ?? destinations)).join(', ');
    return {
      lines: looks.flatMap(({ found: { plots }, where: here }) => [
        summary(plots, rule, here),
        ...(listPlots ? plots.map(listed) : []),
      ]),
      misfits: [...doubts(id, rule, all, where), ...needsUnknown(id, rule, resolved)],
    };
  } catch (error) {
    return { lines: [`replot: old plots can't be looked for: ${messageOf(error)}`], misfits: [] };
  }
}

/** Directories that are on one file system, together. */
async function byDevice(directories: readonly string[]): Promise<string[][]> {
  const groups = new Map<string, string[]>();
  const devices = await Promise.all(directories.map(deviceOf));
  for (const [index, path] of directories.entries()) {
    const key = devices[index] ?? path;
    groups.set(key, [...(groups.get(key) ?? []), path]);
  }
  return [...groups.values()];
}

function searchFor({ before, match, k, compression }: ReplotRule, { history }: KnownPlots) {
  return {
    ...{ match, k, compression, before: new Date(before), count: Number.POSITIVE_INFINITY },
    recordOf: (name: string) => history.timeOf(name),
    cautious: history.damaged > 0,
  };
}

function summary(plots: readonly OldPlot[], rule: ReplotRule, where: string): string {
  const [first] = plots;
  if (first === undefined) return `replot: no plot in ${where} would be removed${onlyThose(rule)}`;
  const bytes = sized(plots.reduce((sum, { size }) => sum + size, 0));
  const count = plots.length === 1 ? '1 plot' : `${plots.length} plots`;
  const tested = rule.dry_run ? ' were it no dry run' : '';
  return `replot: ${count} (${bytes}) in ${where} would be removed${tested}, ${pace(rule)}; the first: ${first.file}`;
}

function pace({ max_per_plot, as_needed }: ReplotRule): string {
  if (as_needed) return `as needed, at most ${max_per_plot} for each new plot`;
  return max_per_plot === 1 ? 'one for each new plot' : `${max_per_plot} for each new plot`;
}

/** The rule in words, so that it can be seen why none matches. */
function onlyThose({ before, match, k, compression }: ReplotRule): string {
  return [
    `: from before ${before}`,
    `named ${match.join(' or ')}`,
    ...(k === undefined ? [] : [`of k ${k.join(' or ')}`]),
    ...(compression === undefined ? [] : [`of compression ${compression.join(' or ')}`]),
  ].join(', ');
}

/** A rule that means nothing, or all that there is, is seldom what somebody wants. */
function doubts(id: string, rule: ReplotRule, found: readonly OldPlots[], where: string): Misfit[] {
  const plots = found.reduce((sum, each) => sum + each.plots.length, 0);
  const seen = found.reduce((sum, each) => sum + each.seen, 0);
  const warning = (message: string): Misfit => ({
    ...{ path: ['jobs', id, 'replot'], at: 'key', warning: true },
    message: `job '${id}': ${message}`,
  });
  if (plots === 0)
    return [
      warning(`no plot in ${where} is one that this rule of replotting would remove${onlyThose(rule)}`),
    ];
  if (plots < seen) return [];
  return [warning(`this rule of replotting would remove every plot in ${where}; is that meant?`)];
}

/** Where nobody knows what a plot takes, none is needed. */
function needsUnknown(id: string, { as_needed }: ReplotRule, { definition, values }: ResolvedJob): Misfit[] {
  if (!as_needed || spaceNeeds(definition, values) !== null) return [];
  const message = `job '${id}': the room that a plot takes isn't known with these arguments, so that as_needed removes none`;
  return [{ path: ['jobs', id, 'replot', 'as_needed'], at: 'value', message, warning: true }];
}

function listed({ file, size, time, source }: OldPlot): string {
  return `  ${file}  ${sized(size)}  ${new Date(time).toISOString()} (${BY[source]})`;
}
