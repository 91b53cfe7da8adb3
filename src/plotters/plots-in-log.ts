import { basename } from 'node:path';
import type { PlotterDefinition } from '../config/schema/plotter.ts';
import { compileParser } from './parser.ts';
import { NO_SIGNALS } from './pattern.ts';
import type { Signal } from './signal.ts';

/** What a line says, and of which of its process's plots, from 1 on. */
export interface LineOfPlot {
  nth: number;
  signals: readonly Signal[];
}

/**
 * Reads a log in which one plot follows another, from its first line on. A line is about the plot that has begun last,
 * but where it names an earlier one: plots are brought to their destination while the next ones are made.
 */
export interface PlotsInLog {
  /** @param innermost the innermost stage of a plot now; `null` before the first */
  parse(line: string, innermost: (nth: number) => string | null): LineOfPlot;
}

/** Of so many plots names are remembered: those before them are in their place. */
const REMEMBERED = 32;
/** A shorter name may be in any line. */
const LEAST_NAME = 3;

interface Known {
  nth: number;
  names: Set<string>;
  /** The log has named its final file. */
  placed: boolean;
}

/** A reader for one log of this plotter. */
export function plotsInLog(definition: PlotterDefinition): PlotsInLog {
  const parser = compileParser(definition);
  const several = definition.patterns.some(({ begin }) => begin);
  const plots: Known[] = [{ nth: 1, names: new Set(), placed: false }];
  let begun = 0;
  const newest = (): Known => plots.at(-1) ?? { nth: 1, names: new Set(), placed: false };

  /** The earlier plot that a line names, if it does; of several names the longest. */
  const named = (line: string): Known | undefined => {
    let found: { plot: Known; length: number } | undefined;
    for (const plot of plots.slice(0, -1))
      for (const name of plot.names)
        if (name.length > (found?.length ?? 0) && holdsName(line, name))
          found = { plot, length: name.length };
    return found?.plot;
  };

  const begin = (): Known => {
    begun += 1;
    if (begun === 1) return newest();
    plots.push({ nth: begun, names: new Set(), placed: false });
    if (plots.length > REMEMBERED) plots.shift();
    return newest();
  };

  /** A plot that is in its place, and of which no line has said how it is called: they get there in their order. */
  const unnamed = (file: string): Known => {
    const last = newest();
    if ([...last.names].some((name) => holdsName(basename(file), name))) return last;
    return plots.find(({ names, placed }) => names.size === 0 && !placed) ?? last;
  };

  const about = (earlier: Known | undefined, signals: readonly Signal[]): Known => {
    if (earlier) return earlier;
    if (signals.some(({ type }) => type === 'begin')) return begin();
    const final = signals.find((signal) => signal.type === 'final_file');
    return final === undefined ? newest() : unnamed(final.file);
  };

  return {
    parse: (line, innermost) => {
      const earlier = several && plots.length > 1 ? named(line) : undefined;
      const signals = parser.parse(line, innermost((earlier ?? newest()).nth));
      if (signals === NO_SIGNALS) return { nth: (earlier ?? newest()).nth, signals };
      const plot = several ? about(earlier, signals) : newest();
      for (const signal of signals) note(plot, signal);
      return { nth: plot.nth, signals };
    },
  };
}

function note(plot: Known, signal: Signal): void {
  if (signal.type === 'plot_name' && signal.name.length >= LEAST_NAME) plot.names.add(signal.name);
  if (signal.type === 'plot_id' && signal.id.length >= LEAST_NAME) plot.names.add(signal.id);
  if (signal.type === 'final_file') plot.placed = true;
}

/** Whether a text has a name in it as a whole: `plot-1` isn't in `plot-10`. */
function holdsName(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + name.length] ?? ' '];
    if (!/[\w-]/.test(before) && !/[\w-]/.test(after)) return true;
  }
  return false;
}
