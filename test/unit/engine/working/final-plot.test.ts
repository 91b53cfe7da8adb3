import { describe, expect, it } from 'vitest';
import { type PlotFacts, whyNotAPlot } from '../../../../src/engine/working/final-plot.ts';
import { Bench, hour } from '../bench.ts';

const NOW = Date.UTC(2026, 10, 26);
const GOOD: PlotFacts = {
  file: '/dest/a.plot',
  kind: 'file',
  inDestination: true,
  bytes: 108_814_253_851,
  expectedBytes: 108_814_253_851,
  changedAt: NOW,
  before: { there: false, at: NOW - hour },
  owner: null,
};

describe('what counts as a plot', () => {
  it.each<[string, Partial<PlotFacts>]>([
    ['as the log says', {}],
    ['larger than the log says', { bytes: 108_814_254_875 }],
    ['of which the log says no size', { bytes: 1, expectedBytes: null }],
    ['of a name that was there, written anew since', { before: { there: true, at: NOW + 1 } }],
    ['whose times are old, by a clock that was set, but that was not there', { changedAt: 0 }],
    [
      'when nobody could look before, and a server has another clock',
      { before: { there: null, at: NOW }, changedAt: NOW - 5 * hour },
    ],
    [
      'younger than its plotter, when what was noted before is lost',
      { before: { there: 'lost', at: NOW }, changedAt: NOW + 1 },
    ],
  ])('a file %s', (_, change) => {
    expect(whyNotAPlot({ ...GOOD, ...change })).toBeNull();
  });

  it.each<[string, Partial<PlotFacts>, RegExp]>([
    ['nothing', { kind: 'absent' }, /its plot isn't there: \/dest\/a\.plot/],
    ['a link', { kind: 'link' }, /is a link/],
    ['a directory, a pipe', { kind: 'other' }, /no regular file/],
    ['a file elsewhere', { file: '/etc/hostname', inDestination: false }, /not in the destination|isn't in/],
    ['an empty file', { bytes: 0, expectedBytes: null }, /is empty/],
    ['one byte less than the log says', { bytes: 108_814_253_850 }, /108814253850 bytes.*says 108814253851/],
    ['what was there before', { before: { there: true, at: NOW + 1000 } }, /was there before/],
    [
      'what must have been there before, when nobody could look',
      { before: { there: null, at: NOW }, changedAt: NOW - 25 * hour },
      /was there before/,
    ],
    [
      'what is older than its plotter, when what was noted before is lost',
      { before: { there: 'lost', at: NOW }, changedAt: NOW - 5000 },
      /was there before/,
    ],
    ['the plot of another worker', { owner: 'nightly-1' }, /that of worker nightly-1/],
  ])('not %s', (_, change, why) => {
    expect(whyNotAPlot({ ...GOOD, ...change })).toMatch(why);
  });
});

describe('two workers that name one file', () => {
  const both = () => {
    const bench = new Bench({ nightly: { max_workers: 2 } });
    const [one, other] = bench.start('nightly', 2);
    if (!one || !other) throw new Error('two workers should have started');
    return { bench, one, other };
  };

  it('the first that named it has it, whatever they say later', () => {
    const { bench, one, other } = both();
    bench.log(other, { type: 'plot_name', name: 'a' });
    bench.enter(one, '1.2');
    bench.log(one, { type: 'plot_name', name: 'a' });
    bench.log(other, { type: 'final_file', file: '/dest/a.plot' });
    const [first, later] = [bench.state.workers.get(other.id), bench.state.workers.get(one.id)];
    expect(first?.named_seq).toBeLessThan(later?.named_seq ?? 0);
  });

  it('what was made while a plotter ran is remembered as long as that runs, over restarts', () => {
    const { bench, one, other } = both();
    const file = `/dest/${one.id}.plot`;
    bench.exit(one);
    expect(bench.state.workers.has(one.id)).toBe(false);
    expect(bench.state.produced.get(file)?.worker).toBe(one.id);
    bench.restart();
    expect(bench.state.produced.get(file)?.worker).toBe(one.id);
    bench.exit(other, 1);
    expect(bench.state.produced.size).toBe(0);
  });
});
