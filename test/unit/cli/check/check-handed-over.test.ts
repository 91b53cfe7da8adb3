import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { check } from '../support.ts';

const MINE = {
  title: 'Mine',
  command: 'chia_plot',
  words: ['group', '{k}'],
  arguments: {
    temp_dir: { flag: '-t', type: 'directory', role: 'temp', required: true },
    dest_dir: { flag: '-d', type: 'directory', role: 'destination', list: true, remote: '@', required: true },
    k: { type: 'integer', default: 28, pass: false },
    meta_group: { flag: '-m', type: 'integer', default: '{sequence:256}' },
  },
  space: { per: 'k', plot: 1, temp: { temp_dir: 1 } },
  stages: [{ id: '1', title: 'One' }],
  patterns: [],
};

/** What check says of a job with these destinations and keys, without its summary. */
async function said(dest_dir: string | string[], job: object = {}): Promise<string[]> {
  const own = { plotter: 'mine', keep_running: true, arguments: { temp_dir: 'tmp', dest_dir }, ...job };
  const { lines } = await check(stringify({ plotters: { mine: MINE }, jobs: { a: own } }));
  return lines
    .filter((line) => !/time zone|valid/.test(line))
    .map((line) => line.replace(/^FILE:\d+:\d+: /, ''));
}

it('the command line has all directories of a list, and what is drawn as it is written', async () => {
  expect(await said(['farm', 'x', '@host'])).toEqual([
    "job 'a', plotter 'mine':",
    "  chia_plot group 28 -t DIR/tmp -d DIR/farm -d DIR/x -d @host -m '{sequence:256}'",
    '  dest_dir DIR/farm',
    '  dest_dir DIR/x',
    "  dest_dir @host: no local directory, its room isn't looked at",
  ]);
});

it('one of a list that is missing is left out', async () => {
  const lines = await said(['farm', 'nowhere']);
  expect(lines).toContain("  chia_plot group 28 -t DIR/tmp -d DIR/farm -m '{sequence:256}'");
  expect(lines.at(-1)).toMatch(/^warning: .*dest_dir DIR\/nowhere does not exist/);
});

it('what is elsewhere is no directory that could be missing', async () => {
  const lines = await said('@host');
  expect(lines).toContain("  chia_plot group 28 -t DIR/tmp -d @host -m '{sequence:256}'");
  expect(lines.filter((line) => line.includes('exist'))).toEqual([]);
});

it.each([
  [['farm', 'x'], 'its plotter chooses itself among the directories of dest_dir'],
  ['@host', 'its plots go to no directory of this machine'],
])('old plots can’t go for a plot of which nobody knows where it will be: %j', async (dest_dir, why) => {
  const lines = await said(dest_dir, { replot: { before: '2026-01-01T00:00:00Z' } });
  expect(lines.join('\n')).toContain(`jobs.a.replot: job 'a': replot: ${why}`);
});
