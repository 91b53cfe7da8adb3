import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Bench, KEYS, mask, openBench, recorded } from './harness.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.remove());
afterEach(() => {
  for (const name of ['t', 't2', 'd']) {
    for (const file of readdirSync(join(bench.directory, name))) rmSync(join(bench.directory, name, file));
  }
});

const FAST = ['--speed', '1e9'];
const CHIA = ['chia', 'plots', 'create', '-k', '25', '--override-k', '-t', 't', '-d', 'd', ...KEYS];
const MADMAX = ['madmax', '-r', '2', '-t', 't/', '-d', 'd/', ...KEYS];
const list = (name: string) => readdirSync(join(bench.directory, name));
const plotsIn = (text: string[]) =>
  text.join('\n').match(/plot-k\d+-[\d-]{16}-[0-9a-f]{64}(?=\.plot"?$)/gm) ?? [];

describe('a whole plot', () => {
  test('of chia: the log is the recorded one, the plot is there, nothing else stays', async () => {
    const result = await bench.run([...CHIA, '-x', ...FAST]);
    const real = recorded('chia_k25');
    expect(mask(result.stdout)).toEqual(mask(real.stdout));
    expect(mask(result.stderr)).toEqual(mask(real.stderr));
    expect(result.code).toBe(0);
    const [plot = ''] = list('d');
    expect(list('d')).toHaveLength(1);
    expect(plot).toMatch(/^plot-k25-\d{4}(-\d\d){4}-[0-9a-f]{64}\.plot$/);
    expect(result.stdout.at(-1)).toContain(`to "d/${plot}"`);
    expect(statSync(join(bench.directory, 'd', plot)).size).toBe(1024 ** 2);
    expect(list('t')).toEqual([]);
  });

  test('of MadMax: the log is the recorded one, the plot is there, nothing else stays', async () => {
    const result = await bench.run([
      ...MADMAX,
      '-k',
      '24',
      '-u',
      '64',
      '-2',
      't2/',
      '--plot-size',
      '64K',
      ...FAST,
    ]);
    expect(mask(result.stdout)).toEqual(mask(recorded('madmax_k24_r2_u64_weights').stdout));
    expect(result).toMatchObject({ code: 0, stderr: [] });
    const [plot = ''] = list('d');
    expect(result.stdout.at(-1)).toBe(`Renamed final plot to d/${plot}`);
    expect(statSync(join(bench.directory, 'd', plot)).size).toBe(65_536);
    expect([...list('t'), ...list('t2')]).toEqual([]);
    expect(result.stdout).toContain('Working Directory 2: t2/');
  });

  test.each([
    ['madmax', ['-t', 't/', '-d', 'd/']],
    ['chia', ['-t', 't', '-2', 't2', '-d', 'd']],
  ])('of k32 is the default of %s', async (plotter, words) => {
    const result = await bench.run([plotter, ...words, ...KEYS, '--move', 'copy', ...FAST]);
    expect(result.code).toBe(0);
    expect(list('d')).toEqual([expect.stringMatching(/^plot-k32-.*\.plot$/)]);
    expect([...list('t'), ...list('t2')]).toEqual([]);
    expect(result.stdout.join('\n')).toMatch(
      /Copy to d\/plot-k32.* finished|Copied final file from "t2\/plot-k32/,
    );
  });

  test('a log that goes to a file has every line', async () => {
    const file = join(bench.directory, 'log');
    const descriptor = openSync(file, 'w');
    const { code } = await bench.start([...CHIA, ...FAST], { stdout: descriptor }).ended;
    closeSync(descriptor);
    expect(code).toBe(0);
    expect(mask(readFileSync(file, 'utf8').split('\n').slice(0, -1))).toEqual(
      mask(recorded('chia_k25').stdout),
    );
  });
});

describe('arguments', () => {
  test('chia shows those that it was given', async () => {
    const words = ['-r', '4', '-b', '1000', '-u', '60', '-2', 't2', '-i', 'ab'.repeat(32)];
    const { stdout } = await bench.run([...CHIA, ...words, ...FAST]);
    expect(stdout).toEqual(
      expect.arrayContaining([
        'Starting plotting progress into temporary dirs: t and t2',
        `ID: ${'ab'.repeat(32)}`,
        'Plot size is: 25',
        'Buffer size is: 1000MiB',
        'Using 64 buckets',
        'Using 4 threads of stripe size 65536',
      ]),
    );
    const table2 = stdout.slice(stdout.indexOf('Computing table 2'), stdout.indexOf('Computing table 3'));
    const buckets = table2.flatMap((line) => /^\tBucket (\d+)/.exec(line)?.[1] ?? []).map(Number);
    expect(buckets).toEqual(Array.from({ length: 64 }, (_, index) => index));
  });

  test('MadMax without -d leaves the plot where it is; -D has no copy either', async () => {
    const stays = await bench.run(['madmax', '-k', '18', '-t', 't/', ...KEYS, ...FAST]);
    expect(stays.stdout.at(-1)).toMatch(/^Total plot creation time/);
    expect(stays.stdout.join('\n')).not.toContain('Stage Directory');
    expect(list('t')).toEqual([expect.stringMatching(/^plot-k18.*\.plot$/)]);
    const direct = await bench.run([...MADMAX, '-k', '18', '-D', ...FAST]);
    expect(direct.stdout.at(-1)).toMatch(/^Total plot creation time/);
    expect(list('d')).toEqual([expect.stringMatching(/^plot-k18.*\.plot$/)]);
  });

  test('the same seed makes the same plots, no seed makes others', async () => {
    const ids = await Promise.all(
      [['--seed', '7'], ['--seed', '7'], [], []].map(async (words) => {
        const { stdout } = await bench.run([...CHIA, ...words, ...FAST]);
        return stdout.find((line) => line.startsWith('ID: '));
      }),
    );
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
  });

  test.each([
    ['chia', [...CHIA, '-i', '../x']],
    ['MadMax', [...MADMAX, '-k', '18', '-i', '../x']],
  ])('%s takes no id that is none', async (_, words) => {
    const { code } = await bench.run([...words, ...FAST]);
    expect([1, 254]).toContain(code);
    expect(list('d')).toEqual([]);
  });

  test('help is help', async () => {
    expect((await bench.run(['--help'])).stdout[0]).toContain('simulate PLOTTER');
    expect((await bench.run(['chia', '--help'])).stdout[0]).toContain('simulate PLOTTER');
    expect((await bench.run(['madmax', '--help'])).stdout.join('\n')).toContain('-t, --tmpdir arg');
  });

  test('a fault in the simulator’s own options is its own to tell', async () => {
    for (const words of [
      ['--speed', '0'],
      ['--speed', 'x'],
      ['--fail-at', '7'],
      ['--run', 'nosuch'],
    ]) {
      const result = await bench.run([...CHIA, ...words]);
      expect(result.code).toBe(2);
      expect(result.stderr[0]).toContain(words[0]);
    }
    const nobody = await bench.run(['bladebit']);
    expect(nobody.code).toBe(2);
    expect(nobody.stderr[0]).toMatch(/^simulate takes chia, madmax, bladebit-ram, .*, not "bladebit"$/);
  });
});

describe('several plots in one process', () => {
  test('chia makes them one after the other, with one summary', async () => {
    const { code, stderr, stdout } = await bench.run([...CHIA, '-n', '2', ...FAST]);
    expect(code).toBe(0);
    const said = stderr.map((line) => /INFO {4}.\[0m (.*).\[0m$/.exec(line)?.[1] ?? line);
    expect(said.filter((line) => line.startsWith('Starting'))).toEqual([
      'Starting plot 1/2',
      'Starting plot 2/2',
    ]);
    expect(said.slice(-3, -2)).toEqual(['Created a total of 2 new plots']);
    expect(new Set(stdout.filter((line) => line.startsWith('Process ID'))).size).toBe(1);
    expect(said.slice(-2).sort()).toEqual(list('d').sort());
  });

  test('MadMax copies one beside the next; with -w before it', async () => {
    const overlapping = await bench.run([
      ...MADMAX,
      '-k',
      '18',
      '-n',
      '2',
      '--speed',
      '40',
      '--move',
      'copy',
    ]);
    expect(overlapping.code).toBe(0);
    expect(list('d')).toHaveLength(2);
    const [first] = plotsIn(overlapping.stdout);
    const at = (start: string) => overlapping.stdout.findIndex((line) => line.startsWith(start));
    expect(at(`Copy to d/${first}.plot finished`)).toBeGreaterThan(at('Crafting plot 2 out of 2'));
    const waiting = await bench.run([...MADMAX, '-k', '18', '-n', '2', '-w', ...FAST]);
    const second = waiting.stdout.findIndex((line) => line.startsWith('Crafting plot 2'));
    expect(waiting.stdout[second - 1]).toMatch(/^Renamed final plot to d\//);
    expect(list('d')).toHaveLength(4);
    expect(list('t')).toEqual([]);
  });
});
