import { describe, expect, it } from 'vitest';
import { type PlotterDefinition, plotterDefinitionSchema } from '../../../src/config/schema/plotter.ts';
import { compileParser } from '../../../src/plotters/parser.ts';
import { stagePlan } from '../../../src/plotters/stages.ts';
import { wholePlot } from '../../../src/plotters/whole-plot.ts';
import { LineSplitter } from '../../../src/process/lines.ts';

/** Stages of a tenth, half and the rest of a plot; the second one has two steps. */
function plotter(...patterns: unknown[]): PlotterDefinition {
  return plotterDefinitionSchema.parse({
    ...{ title: 'Whole', command: 'whole', arguments: {}, patterns },
    stages: [
      { id: '1', title: 'First', weight: 10 },
      { id: '2', title: 'Second' },
      { id: '2.1', title: 'One', weight: 20 },
      { id: '2.2', title: 'Two', weight: 30 },
      { id: '3', title: 'Third', weight: 40 },
    ],
  });
}

describe('a share of the whole plot', () => {
  it.each<[number, string | null, string | null, number]>([
    [0, null, '1', 0],
    [0.05, null, '1', 0.5],
    [0.1, '1', '2.1', 0],
    [0.2, '1', '2.1', 0.5],
    [0.45, '1', '2.2', 0.5],
    [0.8, '2.1', '3', 0.5],
    [1, '3', '3', 1],
    [0.2, '3', null, 0],
    [0.05, '2.1', null, 0],
  ])('%d, from stage %s on, is stage %s at %d', (share, innermost, stage, fraction) => {
    const place = wholePlot(plotter())(share, innermost);
    if (stage === null) return expect(place).toBeNull();
    expect(place?.stage).toBe(stage);
    expect(place?.fraction).toBeCloseTo(fraction);
  });

  it.each<[string, unknown, string]>([
    ['is entered', { match: 'x', enter: '3' }, '2.2'],
    ['is entered by a template', { match: 'x(?<n>.)', enter: '2.{n}' }, '1'],
    ['begins where another ends', { match: 'x', leave: '2' }, '2.2'],
    ['has progress of its own', { match: 'x', inside: { stage: '2.2' } }, '2.1'],
  ])('begins no stage that %s', (_, pattern, stage) => {
    expect(wholePlot(plotter(pattern))(0.9, '1')).toEqual({ stage, fraction: 1 });
  });
});

/** A bar as a plotter of the new format draws it: no line end, but a return before each. */
const BAR =
  '\r[====                        ] 15% matching T1 0.500186s\x1b[K\r[==========                  ] 37% matching T2 1.00037s\x1b[K\r[=====================       ] 84% matching T3 2.00092s\x1b[K\r[============================] 100% done T3 2.58815s\x1b[K\nWriting plot to plot_22.bin...\nWrote plot file: plot_22.bin (12288724 bytes)\n';

describe('a progress bar', () => {
  const definition = plotter(
    { match: '^\\[[= ]*\\] (?<percent>\\d+)% ', inside: { whole: true, to: 0.9 } },
    { match: '^Wrote plot file: (?<file>\\S+) \\((?<size>\\d+) bytes\\)', final_file: true, plot_size: true },
  );
  const bytes = Buffer.from(BAR);
  const signalsOf = (pieces: readonly Buffer[]) => {
    const splitter = new LineSplitter(1000, 0);
    const parser = compileParser(definition);
    const plan = stagePlan(definition);
    let leaf: string | null = null;
    return pieces
      .flatMap((piece) => splitter.push(piece).lines)
      .flatMap((line) => {
        const signals = parser.parse(line, leaf);
        for (const signal of signals)
          if (signal.type === 'inside' && plan.indexOf(signal.stage) >= plan.indexOf(leaf ?? '1'))
            leaf = signal.stage;
        return signals;
      });
  };

  it('tells what it shows, and never less than before', () => {
    const told = signalsOf([bytes]).map((signal) => (signal.type === 'inside' ? signal.stage : signal.type));
    expect(told).toEqual(['2.1', '2.2', '3', '3', 'plot_size', 'final_file']);
  });

  it('tells the same wherever its writes are cut', () => {
    const whole = signalsOf([bytes]);
    for (let cut = 1; cut < bytes.length; cut += 1)
      expect(signalsOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
    expect(signalsOf([...bytes].map((byte) => Buffer.of(byte)))).toEqual(whole);
  });
});
