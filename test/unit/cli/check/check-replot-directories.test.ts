import { expect, it } from 'vitest';
import { check } from '../support.ts';

const KEY = 'ab'.repeat(48);
const job = (rule: string) =>
  `defaults: { farmer_key: "${KEY}", pool_key: "${KEY}", temp_dir: tmp, dest_dir: farm }\njobs:\n  a:\n` +
  '    plotter: madmax\n    command: x/chia_plot\n    check_space: false\n    keep_running: true\n' +
  `    replot: { before: 2022-01-01T00:00:00Z${rule} }\n`;

it('directories of a rule that are not there, or on another disk than the destinations, are told', async () => {
  const { code, lines } = await check(job(', dirs: [farm, "none*", /dev/shm]'));
  expect(code).toBe(0);
  expect(lines.filter((line) => line.includes('replot.dirs'))).toEqual([
    expect.stringMatching(
      /^FILE:\d+:\d+: warning: jobs\.a\.replot\.dirs\[1\]: .*DIR\/none\* matches no directory/,
    ),
    expect.stringMatching(
      /^FILE:\d+:\d+: warning: jobs\.a\.replot\.dirs\[2\]: .*\/dev\/shm is on no disk of its destinations/,
    ),
  ]);
});

it('of a move, too', async () => {
  const { lines } = await check(
    `${job('')}moves: { keep: { from: x, to: farm, replot: { before: 2022-01-01T00:00:00Z, dirs: [farm, /dev/shm] } } }\n`,
  );
  expect(lines.filter((line) => line.includes('replot.dirs'))).toEqual([
    expect.stringMatching(
      /warning: moves\.keep\.replot\.dirs\[1\]: move 'keep': replot: \/dev\/shm is on no disk of/,
    ),
  ]);
});
