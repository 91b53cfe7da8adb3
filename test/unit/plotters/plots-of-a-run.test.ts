import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plotsInLog } from '../../../src/plotters/plots-in-log.ts';
import type { Signal } from '../../../src/plotters/signal.ts';
import { stagePlan } from '../../../src/plotters/stages.ts';
import { CASES } from './log-cases.ts';
import { definitionOf, fixture, linesOf } from './replay.ts';

interface OfPlot {
  signals: Signal[];
  /** How far its log has brought it. */
  leaf: number;
}

/** What a log says of each of its plots, in the order in which they begin. */
function plotsOf(plotter: string, log: string): OfPlot[] {
  const definition = definitionOf(plotter);
  const { leaves, indexOf, lastIndexOf } = stagePlan(definition);
  const reader = plotsInLog(definition);
  const plots = new Map<number, OfPlot>();
  for (const line of linesOf(log)) {
    const { nth, signals } = reader.parse(line, (of) => leaves[plots.get(of)?.leaf ?? -1]?.id ?? null);
    const plot = plots.get(nth) ?? { signals: [], leaf: -1 };
    plots.set(nth, plot);
    for (const signal of signals) {
      plot.signals.push(signal);
      if (signal.type === 'enter' || signal.type === 'inside')
        plot.leaf = Math.max(plot.leaf, indexOf(signal.stage));
      if (signal.type === 'leave') plot.leaf = Math.max(plot.leaf, lastIndexOf(signal.stage) + 1);
    }
  }
  return [...plots.values()];
}

const SEVERAL = Object.entries(CASES).flatMap(([folder, { plotter, logs }]) =>
  Object.entries(logs).flatMap(([name, log]) => {
    const id = log.plotter ?? plotter;
    const several = (log.plots ?? 0) > 1 && definitionOf(id).several !== undefined;
    return several ? [[folder, name, id, log.plots ?? 0] as const] : [];
  }),
);

describe('each of several plots of a run', () => {
  it('is there in a log of every plotter that makes several', () => {
    const plotters = new Set(SEVERAL.map(([, , plotter]) => plotter));
    expect([...plotters].sort()).toEqual([
      ...['bladebit-cuda', 'bladebit-ram', 'chia', 'gigahorse', 'gigahorse-cuda', 'madmax'],
    ]);
  });

  it.each(SEVERAL)('%s/%s: has its own name, its own way, its own file', (folder, name, plotter, count) => {
    const plots = plotsOf(plotter, fixture(`${folder}/${name}.log`));
    expect(plots).toHaveLength(count);
    const { leaves } = stagePlan(definitionOf(plotter));
    for (const { signals, leaf } of plots) {
      const of = (type: Signal['type']) => signals.filter((signal) => signal.type === type);
      expect(of('begin')).toHaveLength(1);
      expect(leaf).toBe(leaves.length);
      expect(of('error')).toEqual([]);
      const names = of('plot_name').map((signal) => ('name' in signal ? signal.name : ''));
      expect(names).toHaveLength(1);
      const files = of('final_file').map((signal) => ('file' in signal ? basename(signal.file) : ''));
      expect(files).toEqual([`${names[0]}.plot`]);
    }
  });
});

describe('what is said of an earlier plot while the next one is made', () => {
  it.each([
    ['madmax', 'madmax/k20_n3_slow_copy_overlap', 'Copy to '],
    ['gigahorse', 'gigahorse_cpu/k20_C1_n2', 'Renamed final plot to '],
    ['gigahorse-cuda', 'seen-elsewhere/gigahorse-cuda_n2', 'Copy to '],
    ['bladebit-ram', 'seen-elsewhere/bladebit-ram_n2', 'Previous plot finished'],
  ])('is said of that one, by %s', (plotter, log, line) => {
    const text = fixture(`${log}.log`);
    const second = text.search(/^(?:Crafting plot 2|Generating plot 2)/m);
    const at = text.indexOf(line, second);
    expect(second).toBeGreaterThan(0);
    const [first, next] = plotsOf(plotter, text.slice(0, text.indexOf('\n', at) + 1));
    expect(first?.signals.some(({ type }) => type === 'final_file')).toBe(true);
    expect(next?.signals.some(({ type }) => type === 'final_file')).toBe(false);
    expect(next?.leaf).toBeLessThan(stagePlan(definitionOf(plotter)).indexOf('5'));
  });
});
