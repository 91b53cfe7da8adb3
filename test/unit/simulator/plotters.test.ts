import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { plotSuffixOf } from '../../../src/config/schema/plotter.ts';
import { builtInPlotters } from '../../../src/plotters/catalogue.ts';
import { SIMULATED } from '../../../src/simulator/recording.ts';
import { definitionOf, fixture, replay } from '../plotters/replay.ts';
import { type Bench, KEY, KEYS, openBench, type Result } from './harness.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.remove());
afterEach(() => {
  for (const name of ['t', 't2', 'd']) {
    rmSync(join(bench.directory, name), { recursive: true, force: true });
    mkdirSync(join(bench.directory, name));
  }
  for (const file of readdirSync(bench.directory))
    if (file.endsWith('.bin')) rmSync(join(bench.directory, file));
});

const FAST = ['--speed', '1e9'];
const ID = '0123456789abcdef'.repeat(4);
/** The command line of each, its files in t, t2 and d, but for pos2, which writes where it is started. */
const WORDS: Record<string, string[]> = {
  'bladebit-ram': [...KEYS, 'ramplot', 'd'],
  'bladebit-disk': [...KEYS, 'diskplot', '-t1', 't', '-t2', 't2', 'd'],
  'bladebit-cuda': ['-z', '7', ...KEYS, 'cudaplot', '-d', '0', 'd'],
  gigahorse: ['-C', '3', '-t', 't/', '-2', 't2/', '-d', 'd/', ...KEYS],
  'gigahorse-cuda': ['-C', '7', '-g', '0', '-t', 't/', '-d', 'd/', ...KEYS],
  pos2: ['test', '24', ID],
  'chia-v2': ['plots', 'create2', '-d', 'd', '--strength', '2', ...KEYS],
};
const NEW = Object.keys(WORDS);
const destination = (plotter: string) => (plotter === 'pos2' ? '.' : 'd');
const wordsOf = (plotter: string) => WORDS[plotter] ?? [];
const plotsOf = (plotter: string) => {
  const suffix = plotSuffixOf(definitionOf(plotter)) || '.bin';
  return readdirSync(join(bench.directory, destination(plotter))).filter((file) => file.endsWith(suffix));
};
/** What its log tells: the simulated plotters of this file write to one stream each but for their errors. */
const toldBy = (plotter: string, { stdout, stderr }: Result) =>
  replay(plotter, [...stdout, ...stderr, ''].join('\n'));

test('every plotter that is built in is simulated', () => {
  expect([...SIMULATED].sort()).toEqual([...builtInPlotters().keys()].sort());
});

describe.each(NEW)('%s', (plotter) => {
  const definition = definitionOf(plotter);
  const last = definition.stages.at(-1)?.id ?? '';

  test('makes a plot of which its log tells all that its definition wants to know', async () => {
    const result = await bench.run([plotter, ...wordsOf(plotter), '--plot-size', '64K', ...FAST]);
    expect(result.code).toBe(0);
    const told = toldBy(plotter, result);
    expect(told.progress.at(-1)).toBeCloseTo(100);
    expect(told).toMatchObject({ backwards: 0, errors: [], waiting: [] });
    expect(told.stages.at(-1)).toBe(last);
    const [plot = '', ...others] = plotsOf(plotter);
    expect(others).toEqual([]);
    expect(plot).toBe(`${told.names[0]}${plotSuffixOf(definition)}`);
    expect(told.files.map((file) => file.replace(/^.*\//, ''))).toEqual([plot]);
    expect(statSync(join(bench.directory, destination(plotter), plot)).size).toBe(65_536);
    expect([...readdirSync(join(bench.directory, 't')), ...readdirSync(join(bench.directory, 't2'))]).toEqual(
      [],
    );
  });

  test.each([definition.stages[0]?.id ?? '', last])(
    'fails in stage %s as its definition knows it',
    async (at) => {
      const words = [plotter, ...wordsOf(plotter), '--fail-at', at, ...FAST];
      const result = await bench.run(words);
      // The reference plotter says so, and ends with 0.
      if (plotter !== 'pos2') expect(result.code).not.toBe(0);
      const told = toldBy(plotter, result);
      expect(told.errors).toHaveLength(1);
      expect(told.files).toEqual([]);
    },
  );
});

describe('several plots in a run', () => {
  test.each(NEW.filter((plotter) => plotter !== 'pos2'))(
    '%s makes as many as it is asked for',
    async (plotter) => {
      const result = await bench.run([plotter, '-n', '3', ...wordsOf(plotter), ...FAST]);
      expect(result.code).toBe(0);
      const told = toldBy(plotter, result);
      expect(told.files).toHaveLength(3);
      expect(plotsOf(plotter)).toHaveLength(3);
      expect(new Set(told.files.map((file) => file.replace(/^.*\//, '')))).toEqual(new Set(plotsOf(plotter)));
    },
  );

  test('bladebit-cuda calls each of them the first', async () => {
    const { stdout } = await bench.run(['bladebit-cuda', '-n', '2', ...wordsOf('bladebit-cuda'), ...FAST]);
    expect(stdout.filter((line) => line.startsWith('Completed Plot '))).toEqual([
      expect.stringContaining('Completed Plot 1 '),
      expect.stringContaining('Completed Plot 1 '),
    ]);
  });
});

describe('a full destination', () => {
  test.each([
    ['bladebit-ram', 'No space left in plot output directory'],
    ['gigahorse', 'failed with: fwrite()'],
    ['gigahorse-cuda', 'All destinations are busy or full'],
  ])('%s waits', async (plotter, line) => {
    const { child, ended, said } = bench.start([
      plotter,
      ...wordsOf(plotter),
      '--full-disk',
      'dest',
      ...FAST,
    ]);
    await said(line);
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    const result = await ended;
    expect(toldBy(plotter, result)).toMatchObject({
      files: [],
      waiting: [expect.stringContaining(line.slice(0, 20))],
    });
    expect(plotsOf(plotter)).toEqual([]);
  });

  test.each([
    ['pos2', 0],
    ['chia-v2', 1],
  ])('%s breaks off, and what it has written keeps its final name', async (plotter, code) => {
    const result = await bench.run([plotter, ...wordsOf(plotter), '--full-disk', 'dest', ...FAST]);
    expect(result.code).toBe(code);
    expect(toldBy(plotter, result)).toMatchObject({ files: [] });
    expect(toldBy(plotter, result).errors).toHaveLength(1);
    expect(plotsOf(plotter)).toHaveLength(1);
  });

  test.each(['bladebit-ram', 'bladebit-cuda', 'pos2', 'chia-v2'])(
    '%s has no other disk to fill',
    async (plotter) => {
      const { code, stderr } = await bench.run([plotter, ...wordsOf(plotter), '--full-disk', 'temp']);
      expect(code).toBe(2);
      expect(stderr[0]).toBe('--full-disk takes dest, not "temp"');
    },
  );
});

describe('what the real ones refuse', () => {
  const recorded = (log: string) => fixture(log).split('\n').slice(0, -1);

  test.each([
    ['bladebit/err_no_farmer', 'bladebit-disk', ['-p', KEY, 'diskplot', '-t1', 't', 'd']],
    ['bladebit/err_no_out', 'bladebit-disk', [...KEYS, 'diskplot', '-t1', 't']],
    ['bladebit/err_missing_tmp', 'bladebit-disk', [...KEYS, 'diskplot', '-t1', 'bb/nope', 'd']],
  ])('%s', async (log, plotter, words) => {
    const result = await bench.run([plotter, '-t', '2', ...words]);
    const lines = (text: string[]) =>
      text.filter((line) => !/^(Version|Git Commit|Compiled With)/.test(line));
    expect(lines([...result.stdout, ...result.stderr])).toEqual(lines(recorded(`${log}.log`)));
    expect(result.code).toBe(1);
  });

  test('pos2/err_id_short', async () => {
    const result = await bench.run(['pos2', 'test', '18', 'abcd']);
    expect(result).toMatchObject({ code: 1, stderr: recorded('pos2/err_id_short.log') });
  });

  test('pos2 without words says how it is used', async () => {
    expect(await bench.run(['pos2'])).toMatchObject({ code: 1, stderr: recorded('help/pos2.log') });
  });

  test('gigahorse_cpu/err_missing_tmp', async () => {
    const result = await bench.run(['gigahorse', '-t', '/nope/', '-d', 'd/', ...KEYS]);
    expect(result).toMatchObject({ code: 254, stdout: recorded('gigahorse_cpu/err_missing_tmp.log') });
  });

  test('create2 without a key', async () => {
    const { code, stderr } = await bench.run(['chia-v2', '-d', 'd', '-p', KEY]);
    expect(code).toBe(1);
    expect(stderr.at(-1)).toMatch(/^RuntimeError: No keys, please run /);
  });
});

test.each(['gigahorse', 'gigahorse-cuda'])('%s renames a plot, or copies it', async (plotter) => {
  for (const [move, line] of Object.entries({ rename: 'Renamed final plot', copy: 'Copy to d/' })) {
    const { code, stdout } = await bench.run([plotter, ...wordsOf(plotter), '--move', move, ...FAST]);
    expect(code).toBe(0);
    expect(stdout.at(-1)).toContain(line);
  }
  expect(plotsOf(plotter)).toHaveLength(2);
});

test('Gigahorse sends plots to another host, of which nothing is left here', async () => {
  const words = ['-C', '7', '-t', 't/', '-d', '@farm', ...KEYS];
  const result = await bench.run(['gigahorse-cuda', ...words, ...FAST]);
  expect(result.code).toBe(0);
  const told = toldBy('gigahorse-cuda', result);
  expect(told.files).toEqual([`@farm:${told.names[0]}.plot`]);
  expect(readdirSync(join(bench.directory, 't'))).toEqual([]);
});

test("BladeBit's work files have no plot's name, and stay when it fails", async () => {
  writeFileSync(join(bench.directory, 'd', 'other'), '');
  const words = wordsOf('bladebit-disk');
  const { code } = await bench.run(['bladebit-disk', ...words, '--full-disk', 'temp', ...FAST]);
  expect(code).toBe(1);
  expect(readdirSync(join(bench.directory, 't'))).toContain('y0_0.tmp');
  expect(readdirSync(join(bench.directory, 'd')).filter((file) => file.endsWith('.plot.tmp'))).toHaveLength(
    1,
  );
  expect(existsSync(join(bench.directory, 'd', 'other'))).toBe(true);
});
