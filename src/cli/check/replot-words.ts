import type { ReplotRule } from '../../config/schema/replot.ts';
import type { PlotTimeSource } from '../../host/plot-times.ts';
import type { OldPlot } from '../../host/plots.ts';
import { sized } from '../../util/bytes.ts';

const BY: Readonly<Record<PlotTimeSource, string>> = {
  record: 'by the record of its making',
  name: 'by its name',
  file: 'by its time of modification',
};

/** What a rule would remove in these directories, in a line. `how`: how many go for each new plot, in words. */
export function summary(
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

/** How many go for each new plot of a job, in words. */
export function pace({ max_per_plot, as_needed }: ReplotRule): string {
  if (as_needed) return `as needed, at most ${max_per_plot} for each new plot`;
  return max_per_plot === 1 ? 'one for each new plot' : `${max_per_plot} for each new plot`;
}

/** The rule in words, so that it can be seen why none matches. */
export function onlyThose({ before, match, k, compression }: ReplotRule): string {
  return [
    `: from before ${before}`,
    `named ${match.join(' or ')}`,
    ...(k === undefined ? [] : [`of k ${k.join(' or ')}`]),
    ...(compression === undefined ? [] : [`of compression ${compression.join(' or ')}`]),
  ].join(', ');
}

/** One of them, in a line. */
export function listed({ file, size, time, source }: OldPlot): string {
  return `  ${file}  ${sized(size)}  ${new Date(time).toISOString()} (${BY[source]})`;
}
