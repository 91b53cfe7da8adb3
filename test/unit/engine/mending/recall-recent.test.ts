import { describe, expect, it } from 'vitest';
import { mendLeft } from '../../../../src/engine/mending/mend.ts';
import { recallRecent } from '../../../../src/engine/mending/recall-recent.ts';
import { NOTHING_COUNTED, recount } from '../../../../src/engine/mending/recount.ts';
import type { CountedLine } from '../../../../src/storage/history.ts';
import { Bench, hour } from '../bench.ts';

const DAY = 24 * hour;

/** The line of a worker that ended so long before the beginning. */
function line(bench: Bench, ago: number, over: Partial<CountedLine> = {}): CountedLine {
  return {
    ...{ worker: `w${ago}`, job: 'nightly', result: 'done', plot: '/dest/a.plot', size: 100 },
    ended_at: new Date(bench.now - ago).toISOString(),
    ...over,
  };
}

function recalled(lines: (bench: Bench) => CountedLine[]) {
  const bench = new Bench();
  const moment = { now: bench.now, steady: bench.now + 5_000 };
  recallRecent(bench.state, lines(bench), moment);
  const { recent_plots, written } = bench.state;
  const sum = (tally: [number, number][] | null | undefined) =>
    tally?.reduce((all, [, amount]) => all + amount, 0);
  return [sum(recent_plots), sum(bench.job().recent_plots), sum(written.get('/dest')?.bytes)];
}

describe('what the history says of the last days', () => {
  it.each<[string, (bench: Bench) => CountedLine[], (number | undefined)[]]>([
    ['nothing', () => [], [0, 0, undefined]],
    ['a plot', (bench) => [line(bench, hour)], [1, 1, 100]],
    ['a line that is there twice', (bench) => [line(bench, hour), line(bench, hour)], [1, 1, 100]],
    ['plots of days before', (bench) => [line(bench, 6 * DAY), line(bench, hour)], [1, 1, 200]],
    ['plots of long ago', (bench) => [line(bench, 8 * DAY)], [0, 0, undefined]],
    ['the clock was ahead', (bench) => [line(bench, -8 * DAY)], [0, 0, undefined]],
    ['another job’s', (bench) => [line(bench, hour, { job: 'gone' })], [1, 0, 100]],
    ['a failure', (bench) => [line(bench, hour, { result: 'failed', plot: null })], [0, 0, undefined]],
    ['a move', (bench) => [line(bench, hour, { result: 'moved' })], [0, 0, undefined]],
    ['version 1 said no size', (bench) => [line(bench, hour, { size: null })], [1, 1, undefined]],
  ])('%s', (_, lines, expected) => {
    expect(recalled(lines)).toEqual(expected);
  });

  it('is taken where it is more than what is known', () => {
    const bench = new Bench();
    bench.exit(bench.startOne());
    bench.exit(bench.startOne());
    recallRecent(bench.state, [line(bench, hour)], { now: bench.now, steady: bench.now });
    expect(bench.jobView().plots_per_day).toBe(2);
  });
});

describe('a job that only the history knows', () => {
  it.each<[string, (bench: Bench) => CountedLine[], string[]]>([
    ['has left', (bench) => [line(bench, 5 * DAY, { job: 'gone' })], ['gone']],
    ['has left long ago', (bench) => [line(bench, 31 * DAY, { job: 'gone' })], []],
    ['is here', (bench) => [line(bench, DAY)], []],
    ['comes now', (bench) => [line(bench, DAY, { job: 'coming' })], []],
    [
      'was reset or deleted',
      (bench) => [
        line(bench, DAY, { job: 'gone' }),
        line(bench, hour, { job: 'gone', worker: null, result: 'reset', plot: null }),
      ],
      [],
    ],
  ])('%s', (_, lines, left) => {
    const bench = new Bench();
    const counted = recount(NOTHING_COUNTED, lines(bench));
    const known = new Map([['coming', bench.job().definition]]);
    mendLeft(bench.state, counted, known, { now: bench.now, steady: bench.now });
    expect([...bench.state.left.keys()]).toEqual(left);
  });
});
