import { expect, it } from 'vitest';
import { paintFor } from '../../../../src/cli/terminal/colour.ts';
import { historySum, historyTable, shownLine } from '../../../../src/cli/past/history-table.ts';
import { sinceOf } from '../../../../src/cli/past/since.ts';

const NOW = Date.UTC(2026, 10, 26, 12);
const local = (text: string) => new Date(text).toISOString();

it.each([
  ['24h', '2026-11-25T12:00:00.000Z'],
  ['90s', '2026-11-26T11:58:30.000Z'],
  ['0.5d', '2026-11-26T00:00:00.000Z'],
  ['2026-11-26', local('2026-11-26T00:00')],
  ['2026-11-26T08:30', local('2026-11-26T08:30')],
  ['2026-11-26 08:30', local('2026-11-26T08:30')],
  ['2026-11-26T08:30:00Z', '2026-11-26T08:30:00.000Z'],
  ['2026-11-26T08:30:00.5+02:00', '2026-11-26T06:30:00.500Z'],
  ['2026-13-26', null],
  ['26.11.2026', null],
  ['yesterday', null],
  ['3600', null],
  ['999999999999d', null],
  ['', null],
])('--since %s is %s', (text, expected) => {
  expect(sinceOf(text, NOW)).toBe(expected);
});

const at = (hour: number) => new Date(2026, 10, 26, hour, 5).toISOString();
const DONE = shownLine({
  job: 'nightly',
  slot: 1,
  result: 'done',
  plot: '/mnt/farm/plot-k32-a.plot',
  size: 108_800_000_000,
  ended_at: at(9),
  duration_s: 100.4,
  phases: { '1': 60, '10': 2, '2': 30.2 },
});
const FAILED = shownLine({
  job: 'n',
  slot: 12,
  result: 'failed',
  ended_at: at(10),
  duration_s: 7,
  phases: { '1': 7 },
  error: 'no \x1b[31mroom\x1b[0m',
});
const plain = paintFor({}, {});

it('a table has a line for each worker, with the seconds of each phase', () => {
  expect(historyTable([DONE, FAILED], plain)).toEqual([
    'ended             job      slot  result  seconds  phase 1  phase 2  phase 10  kind  plot',
    '2026-11-26 09:05  nightly     1  done        100       60       30         2  k32   plot-k32-a.plot',
    '2026-11-26 10:05  n          12  failed        7        7                           no room',
  ]);
  expect(historyTable([], plain)).toEqual([]);
});

it.each([
  ['plot-k32-2026-11-26-09-05-ab.plot', 'k32'],
  ['plot-k32-c07-2026-11-26-09-05-ab.plot', 'k32 C7'],
  ['plot-mmx-k32-c30-2026-11-26-09-05-ab.plot', 'mmx k32 C30'],
  ['plot-k28-ab.plot2', 'k28 plot2'],
  ['group-7.gplot', 'gplot'],
  ['plot_28_2_0_0_ab.bin', ''],
])('the table says of %s that it is %j', (name, kind) => {
  const [heading = '', line = ''] = historyTable([{ ...DONE, plot: `/mnt/farm/${name}` }], plain);
  expect(line.slice(heading.indexOf('kind'), line.indexOf(name)).trim()).toBe(kind);
});

it('a line that somebody has edited shows what is left of it', () => {
  const [, line] = historyTable([shownLine({ job: 7, result: 'done', phases: [], ended_at: 'then' })], plain);
  expect(line?.trim()).toBe('done');
});

it('the last line sums them up', () => {
  expect(historySum([], 0)).toBe('no worker has ended');
  expect(historySum([FAILED], 1)).toBe('1 worker: 1 failed');
  expect(historySum([DONE], 1)).toBe(
    '1 worker: 1 done; the plot of 108.8 GB took 100 s, phase 1 60 s, phase 2 30 s, phase 10 2 s',
  );
  const quicker = { ...DONE, duration_s: 50, phases: { '1': 40, '2': 10 } };
  expect(historySum([DONE, FAILED, quicker], 12)).toBe(
    '3 of 12 workers: 2 done, 1 failed; 2 plots, 217.6 GB in all, took 75 s each, phase 1 50 s, phase 2 20 s, phase 10 2 s',
  );
});

it('colours are for terminals that want them', () => {
  const [, done] = historyTable([DONE], paintFor({ isTTY: true }, { TERM: 'xterm' }));
  expect(done).toContain('  \x1b[32mdone\x1b[0m  ');
  for (const [stream, env] of [
    [{}, { TERM: 'xterm' }],
    [{ isTTY: false }, { TERM: 'xterm' }],
    [{ isTTY: true }, { TERM: 'dumb' }],
    [{ isTTY: true }, { TERM: 'xterm', NO_COLOR: '1' }],
  ] as const)
    expect(historyTable([DONE], paintFor(stream, env))).toEqual(historyTable([DONE], plain));
});
