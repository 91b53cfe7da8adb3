import { join } from 'node:path';
import type { JobDefinition } from '../config/schema/job.ts';
import type { Path } from '../config/positions.ts';
import type { MoveEntry } from '../config/schema/move.ts';
import type { ReplotRule } from '../config/schema/replot.ts';
import { replotDirectories } from '../daemon/effects/replot-directories.ts';
import { withAbsoluteDirectories, withDestinations } from '../engine/moving/replot-rule.ts';
import { ruleOfMove } from '../engine/moving/rule-of-move.ts';
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

export interface ReplotReport {
  /** What the rule would remove now, in lines to print; none without a rule. */
  lines: string[];
  misfits: Misfit[];
}

interface ReplotContext {
  knownPlots: KnownPlots;
  /** Whether every file is listed. */
  listPlots: boolean;
  /** Every destination that may be chosen. */
  destinations: readonly string[];
}

/** What a job's rule of replotting would remove now, on each file system of its destinations, and what looks wrong with it. */
export async function checkReplot(
  id: string,
  { replot }: JobDefinition,
  resolved: ResolvedJob,
  { directory, ...context }: ReplotContext & { directory: string },
): Promise<ReplotReport> {
  if (replot === undefined) return { lines: [], misfits: [] };
  const rule = withDestinations(withAbsoluteDirectories(replot, directory), resolved);
  const checked = { whose: `job '${id}'`, path: ['jobs', id, 'replot'], rule, pace: pace(rule) };
  const report = await checkRule({ ...checked, named: replot.dirs !== undefined }, context);
  return { ...report, misfits: [...report.misfits, ...needsUnknown(id, rule, resolved)] };
}

/** The same of a move's rule. */
export async function checkReplotOfMove(
  id: string,
  move: MoveEntry,
  context: ReplotContext,
): Promise<ReplotReport> {
  const rule = ruleOfMove(move);
  if (rule === null) return { lines: [], misfits: [] };
  const most = move.replot?.max_per_plot;
  const bound = most === undefined ? '' : `, at most ${most}`;
  const checked = { whose: `move '${id}'`, path: ['moves', id, 'replot'], rule };
  const how = `as many as each new plot needs${bound}`;
  return checkRule({ ...checked, pace: how, named: move.replot?.dirs !== undefined }, context);
}

/** A rule, and how it is spoken of. */
interface CheckedRule {
  whose: string;
  path: Path;
  rule: ReplotRule;
  /** How many go, in words. */
  pace: string;
  /** Whether it names directories of its own. */
  named: boolean;
}

async function checkRule(
  { whose, path, rule, pace: how, named }: CheckedRule,
  { knownPlots, listPlots, destinations }: ReplotContext,
): Promise<ReplotReport> {
  if (destinations.length === 0) return { lines: [], misfits: [] };
  try {
    const looks = await Promise.all(
      (await byDevice(destinations)).map(async (there) => {
        const [first = ''] = there;
        const found = await oldestPlotsIn(
          first,
          await replotDirectories(rule, first),
          searchFor(rule, knownPlots),
        );
        return { found, where: (named ? (rule.dirs ?? there) : there).join(', ') };
      }),
    );
    const all = looks.map(({ found }) => found);
    const where = (named ? (rule.dirs ?? destinations) : destinations).join(', ');
    return {
      lines: looks.flatMap(({ found: { plots }, where: here }) => [
        summary(plots, rule, { where: here, how }),
        ...(listPlots ? plots.map(listed) : []),
      ]),
      misfits: doubts(rule, all, { whose, path, where }),
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

function searchFor({ before, match, k, compression }: ReplotRule, { history, suffixes }: KnownPlots) {
  return {
    ...{ match, k, compression, before: new Date(before), count: Number.POSITIVE_INFINITY },
    suffixes,
    recordOf: (name: string) => history.timeOf(name),
    cautious: history.damaged > 0,
  };
}

function summary(
  plots: readonly OldPlot[],
  rule: ReplotRule,
  { where, how }: { where: string; how: string },
): string {
  const [first] = plots;
  if (first === undefined) return `replot: no plot in ${where} would be removed${onlyThose(rule)}`;
  const bytes = sized(plots.reduce((sum, { size }) => sum + size, 0));
  const count = plots.length === 1 ? '1 plot' : `${plots.length} plots`;
  const tested = rule.dry_run ? ' were it no dry run' : '';
  return `replot: ${count} (${bytes}) in ${where} would be removed${tested}, ${how}; the first: ${first.file}`;
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
function doubts(
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
function needsUnknown(id: string, { as_needed }: ReplotRule, { definition, values }: ResolvedJob): Misfit[] {
  if (!as_needed || spaceNeeds(definition, values) !== null) return [];
  const message = `job '${id}': the room that a plot takes isn't known with these arguments, so that as_needed removes none`;
  return [{ path: ['jobs', id, 'replot', 'as_needed'], at: 'value', message, warning: true }];
}

function listed({ file, size, time, source }: OldPlot): string {
  return `  ${file}  ${sized(size)}  ${new Date(time).toISOString()} (${BY[source]})`;
}
