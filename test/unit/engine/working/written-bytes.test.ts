import { expect, it } from 'vitest';
import { growthOf } from '../../../../src/engine/views/growth.ts';
import { Bench, hour } from '../bench.ts';
import type { JobInput } from '../plotter.ts';

const DAY = 24 * hour;

function written(bench: Bench, directory = '/dest'): number | undefined {
  return bench.state.written.get(directory)?.bytes.reduce((sum, [, bytes]) => sum + bytes, 0);
}

/** Plots of 100 bytes, each of which takes ten hours. */
function plots(bench: Bench, count: number): void {
  for (let made = 0; made < count; made += 1) {
    const worker = bench.startOne();
    bench.pass(10 * hour);
    bench.exit(worker);
  }
}

it('a plot is noted where it lies, over a restart', () => {
  const bench = new Bench();
  plots(bench, 2);
  bench.restart();
  expect([...bench.state.written.keys()]).toEqual(['/dest']);
  expect(written(bench)).toBe(200);
});

it.each<[string, JobInput, (bench: Bench) => void]>([
  ['that failed', {}, (bench) => bench.exit(bench.startOne(), 1)],
  [
    'that a post-command has moved',
    { post_command: 'mv %plot% /farm' },
    (bench) => {
      bench.hold('cleanup');
      const worker = bench.startOne();
      bench.exit(worker);
      bench.exit(worker);
      bench.feed({ type: 'cleaned', worker: worker.id, problem: null, moved: true });
      expect(bench.jobView().plots_done).toBe(1);
    },
  ],
])('a plot %s is not', (_, job, go) => {
  const bench = new Bench({ nightly: job });
  go(bench);
  expect(bench.state.written.size).toBe(0);
});

it('only after a post-command the plot is looked for', () => {
  const bench = new Bench({ nightly: {}, moving: { post_command: 'mv %plot% /farm' } });
  const handedOn = (job: string) => {
    const worker = bench.startOne(job);
    bench.exit(worker);
    if (job === 'moving') bench.exit(worker);
    return bench.asked.findLast(({ type }) => type === 'cleanup');
  };
  expect(handedOn('nightly')).toMatchObject({ handed_on: null });
  expect(handedOn('moving')).toMatchObject({ handed_on: expect.stringMatching(/^\/dest\/.+\.plot$/) });
});

it('an old plot that goes is taken off', () => {
  const bench = new Bench({ nightly: { replot: { before: '2026-01-01T00:00:00Z' } } });
  bench.farm.oldPlots.push({ file: '/dest/old.plot', size: 30 });
  plots(bench, 1);
  expect(written(bench)).toBe(70);
});

it('growth is by the time since the first plot was begun, at most by seven days', () => {
  const bench = new Bench({ nightly: { max_workers: 1 } });
  const perDay = () => {
    const own = bench.state.written.get('/dest');
    return own === undefined ? null : Math.round(growthOf(own, bench.now) * DAY);
  };
  plots(bench, 1);
  expect(perDay()).toBe(240);
  plots(bench, 23);
  expect(bench.state.written.get('/dest')?.bytes.length).toBeLessThanOrEqual(17);
  expect(Math.abs((perDay() ?? 0) - 240)).toBeLessThanOrEqual(15);
  bench.pass(3.5 * DAY);
  expect(perDay()).toBeLessThan(150);
  bench.pass(4 * DAY);
  expect(perDay()).toBe(0);
});

it('a directory into which nothing came for a week is forgotten', () => {
  const bench = new Bench();
  const bytes: [number, number][] = [[bench.now, 5]];
  for (const directory of ['/old', '/older'])
    bench.state.written.set(directory, { since: bench.now, bytes: [...bytes] });
  plots(bench, 1);
  expect(bench.state.written.size).toBe(3);
  bench.pass(7 * DAY);
  plots(bench, 1);
  expect([...bench.state.written.keys()]).toEqual(['/dest']);
});
