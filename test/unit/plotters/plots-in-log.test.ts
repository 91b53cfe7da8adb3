import { describe, expect, it } from 'vitest';
import { plotterDefinitionSchema } from '../../../src/config/schema/plotter.ts';
import { plotsInLog } from '../../../src/plotters/plots-in-log.ts';
import { definitionOf, fixture } from './replay.ts';

/** Which plot each line of a log that says something is about, with what it says of names and final files. */
function read(plotter: string, lines: Iterable<string>) {
  const reader = plotsInLog(definitionOf(plotter));
  const plots = new Map<number, { lines: number; names: string[]; final: string[] }>();
  for (const line of lines) {
    const { nth, signals } = reader.parse(line, () => null);
    const plot = plots.get(nth) ?? { lines: 0, names: [], final: [] };
    plots.set(nth, plot);
    if (signals.length > 0) plot.lines += 1;
    for (const signal of signals) {
      if (signal.type === 'plot_name') plot.names.push(signal.name);
      if (signal.type === 'final_file')
        plot.final.push(signal.file.split('/').at(-1)?.replace('.plot', '') ?? '');
    }
  }
  return plots;
}

const LOGS: [plotter: string, log: string, plots: number][] = [
  ['madmax', 'madmax/k20_n3_slow_copy_overlap', 3],
  ['madmax', 'madmax/k20_tmptoggle_n2', 2],
  ['madmax', 'madmax/k22_slow_copy', 1],
  ['chia', 'chia-2.7.5/k25_n2', 2],
  ['chia', 'chia-2.7.5/sig_int_n2', 2],
  ['chia', 'chiapos/mimic_k20_n2', 2],
  ['chia', 'chiapos/pip_k18_n2', 2],
  ['chia', 'chiapos/pip_k18_n2_sig_int', 2],
  ['chia', 'k32/chia', 1],
  ['madmax', 'k32/madmax', 1],
];

describe.each(LOGS)('a log of %s: %s', (plotter, log, count) => {
  it(`tells ${count} plots apart, each with its name and its final file`, () => {
    const plots = read(plotter, fixture(`${log}.log`).split('\n'));
    expect([...plots.keys()]).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    for (const { names, final } of plots.values()) {
      expect(new Set(names).size).toBe(1);
      expect(final).toEqual([names[0]]);
    }
  });
});

describe('lines of a plot', () => {
  const definition = plotterDefinitionSchema.parse({
    title: 'Numbered',
    command: 'numbered',
    arguments: {},
    several: { flag: '-n' },
    stages: [{ id: '1', title: 'All' }],
    patterns: [
      { match: '^begin', begin: true },
      { match: '^name (?<name>.+)$', plot_name: true },
      { match: '^there (?<file>.+)$', final_file: true },
      { match: '^still', inside: {} },
    ],
  });
  const nths = (...lines: string[]) => {
    const reader = plotsInLog(definition);
    return lines.map((line) => reader.parse(line, () => '1').nth);
  };

  it('are those since its line, and later ones that name it as a whole', () => {
    expect(nths('still', 'begin', 'name p-1', 'begin', 'there /d/p-1.plot', 'still p-10', 'still')).toEqual([
      1, 1, 1, 2, 1, 2, 2,
    ]);
  });

  it('are the longer name’s where one is part of the other', () => {
    expect(nths('begin', 'name p-1', 'begin', 'name sub-p-1', 'begin', 'there sub-p-1', 'there p-1')).toEqual(
      [1, 1, 2, 2, 3, 2, 1],
    );
  });

  it('without a name are the oldest one’s that is not in its place', () => {
    expect(nths('begin', 'begin', 'there x', 'there y', 'begin', 'there z')).toEqual([1, 2, 1, 2, 3, 3]);
  });
});
