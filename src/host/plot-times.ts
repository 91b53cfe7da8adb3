import { isMeantBy, type NameRule, plotNameDate } from './plot-names.ts';

/** How a plot's age is known. */
export const PLOT_TIME_SOURCES = ['record', 'name', 'file'] as const;
export type PlotTimeSource = (typeof PLOT_TIME_SOURCES)[number];

/** A plot's age: milliseconds since 1970, and where that comes from. */
export interface PlotTime {
  time: number;
  source: PlotTimeSource;
}

/** Which plots may go: all that it says must hold. */
export interface OldPlotRule extends NameRule {
  before: Date;
}

/** What is known of plots beside what their files say. */
export interface PlotKnowledge {
  /** When this daemon made the plot of this name (milliseconds since 1970); `null` where it has no record of it. */
  recordOf?: (name: string) => number | null;
  /** How files of plots end, beside `.plot` and the like. */
  suffixes?: readonly string[];
  /** Records may be missing: of all that speaks of a plot without one, the youngest counts. */
  cautious?: boolean;
}

/** A plot's time where its file needn't be asked. */
export function timeByName(
  name: string,
  { before, recordOf, cautious = false }: Pick<OldPlotRule, 'before'> & PlotKnowledge,
): PlotTime | null {
  const record = recordOf?.(name) ?? null;
  if (record !== null) return { time: record, source: 'record' };
  const named = plotNameDate(name)?.getTime() ?? null;
  // The file is asked only where its answer can matter.
  return named !== null && (!cautious || named > before.getTime()) ? { time: named, source: 'name' } : null;
}

/** The same, once the file was asked: the younger of the date in its name and its time of modification. */
export function timeOfFile(named: number | null, modified: number): PlotTime {
  return named !== null && named >= modified
    ? { time: named, source: 'name' }
    : { time: modified, source: 'file' };
}

/** What a look remembers of a plot's file. */
export interface RememberedPlot {
  name: string;
  /** The date in its name, and when it was last written to, milliseconds since 1970. */
  named: number | null;
  modified: number;
}

/** Whether a rule means a plot that was looked at before. */
export function isOld(
  { name, named, modified }: RememberedPlot,
  rule: OldPlotRule,
  { recordOf, suffixes, cautious = false }: PlotKnowledge,
): boolean {
  if (!isMeantBy(rule, name, suffixes)) return false;
  const byName = cautious ? null : named;
  const time = recordOf?.(name) ?? byName ?? timeOfFile(named, modified).time;
  return time <= rule.before.getTime();
}
