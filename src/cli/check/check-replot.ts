import type { JobDefinition } from '../../config/schema/job.ts';
import type { Path } from '../../config/positions.ts';
import type { MoveEntry } from '../../config/schema/move.ts';
import type { ReplotRule } from '../../config/schema/replot.ts';
import { replotDirectories } from '../../daemon/effects/replot-directories.ts';
import { withAbsoluteDirectories, withDestinations } from '../../engine/moving/replot-rule.ts';
import { ruleOfMove } from '../../engine/moving/rule-of-move.ts';
import type { ResolvedJob } from '../../engine/starting/places/resolve.ts';
import { deviceOf, oldestPlotsIn } from '../../host/plots.ts';
import { messageOf } from '../../util/errors.ts';
import type { Misfit } from './check-job.ts';
import { doubts, needsUnknown } from './doubtful-replot.ts';
import type { KnownPlots } from './known-plots.ts';
import { listed, pace, summary } from './replot-words.ts';

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
  const looks = await Promise.all(
    (await byDevice(destinations)).map(async (there) => {
      const [first = ''] = there;
      const where = (named ? (rule.dirs ?? there) : there).join(', ');
      try {
        const directories = await replotDirectories(rule, first);
        return { where, found: await oldestPlotsIn(first, directories, searchFor(rule, knownPlots)) };
      } catch (error) {
        return {
          unread: `replot: old plots can't be looked for in ${there.join(', ')}: ${messageOf(error)}`,
        };
      }
    }),
  );
  const lines = looks.flatMap((look) =>
    'unread' in look
      ? [look.unread]
      : [
          summary(look.found.plots, rule, { where: look.where, how }),
          ...(listPlots ? look.found.plots.map(listed) : []),
        ],
  );
  const found = looks.flatMap((look) => ('unread' in look ? [] : [look.found]));
  // What lies on a disk that is away may be what the rule means.
  if (found.length < looks.length) return { lines, misfits: [] };
  const where = (named ? (rule.dirs ?? destinations) : destinations).join(', ');
  return { lines, misfits: doubts(rule, found, { whose, path, where }) };
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
