import type { PlotterDefinition } from '../config/schema/plotter.ts';
import type { ArgumentValues } from '../contract/names.ts';

/** How many files a plotter with these arguments has open at once at most; `null` where that isn't known. */
export function openFiles({ open_files }: PlotterDefinition, values: ArgumentValues): number | null {
  if (open_files === undefined) return null;
  const { largest_of, powers_below, times, plus } = open_files;
  const count = (name: string) => Number(values[name] ?? 0);
  const largest = Math.max(...largest_of.map(count).map((n) => (n > 0 && n < powers_below ? 2 ** n : n)));
  const each = Object.entries(times).map(([name, factor]) => count(name) * factor);
  return largest + each.reduce((sum, files) => sum + files, plus);
}
