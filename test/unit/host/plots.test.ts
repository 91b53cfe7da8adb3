import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { plotNameDate } from '../../../src/host/plot-names.ts';
import { oldestPlots, oldestPlotsIn } from '../../../src/host/plots.ts';
import { removePlot } from '../../../src/host/remove-plot.ts';
import { temporaryDirectory } from '../../support/directory.ts';

const ID = 'a'.repeat(64);
const before = new Date(2022, 0, 1);
const names = async (dir: string, count = 100, until = before): Promise<string[]> =>
  (await oldestPlots(dir, { before: until, count })).plots.map(({ file }) => basename(file));

test.each([
  [`plot-k32-2021-07-14-21-56-${ID}.plot`, new Date(2021, 6, 14, 21, 56)],
  [`plot-k32-c07-2021-07-14-21-56-${ID}.plot`, new Date(2021, 6, 14, 21, 56)],
  [`plot-mmx-k32-2021-07-14-21-56-${ID}.plot`, new Date(2021, 6, 14, 21, 56)],
  [`plot-k25-2024-02-29-00-00-${ID}.plot`, new Date(2024, 1, 29)],
  [`plot-k32-2021-02-31-21-56-${ID}.plot`, null],
  [`plot-k32-2021-13-01-21-56-${ID}.plot`, null],
  [`plot-k32-2021-01-01-24-00-${ID}.plot`, null],
  [`plot-k32-${ID}.plot`, null],
  ['mine.plot', null],
])('the date in the name %s is %s', (name, date) => {
  expect(plotNameDate(name)).toEqual(date);
});

test('candidates are regular *.plot files, oldest first by name, else by modification, none newer than asked', async () => {
  const dir = temporaryDirectory();
  const put = (name: string, modified = new Date(2020, 0, 1)): void => {
    writeFileSync(join(dir, name), 'plot');
    utimesSync(join(dir, name), modified, modified);
  };
  const expected = [
    'undated.plot',
    `plot-k32-2021-03-01-00-00-${ID}.plot`,
    `plot-mmx-k32-2021-04-01-00-00-${ID}.plot`,
    `plot-k32-c07-2021-05-01-00-00-${ID}.plot`,
    `plot-k32-2021-99-01-00-00-${ID}.plot`,
    // Not newer than the moment asked for: it is the moment itself.
    `plot-k32-2022-01-01-00-00-${ID}.plot`,
  ];
  // Younger by its modification than by its name, which counts.
  for (const name of expected) put(name, new Date(2030, 0, 1));
  put('undated.plot', new Date(2021, 1, 1));
  put(`plot-k32-2021-99-01-00-00-${ID}.plot`, new Date(2021, 10, 1));
  put(`plot-k32-2022-01-01-00-01-${ID}.plot`);
  put('undated and new.plot', new Date(2023, 0, 1));
  for (const name of [`plot-k32-2019-01-01-00-00-${ID}.plot.tmp`, 'photo.jpg', 'plot', '.plotx']) put(name);
  mkdirSync(join(dir, `plot-k32-2018-01-01-00-00-${ID}.plot`));
  symlinkSync(join(dir, 'undated.plot'), join(dir, `plot-k32-2017-01-01-00-00-${ID}.plot`));
  symlinkSync('nowhere', join(dir, `plot-k32-2016-01-01-00-00-${ID}.plot`));
  mkdirSync(join(dir, 'inner'));
  writeFileSync(join(dir, 'inner', `plot-k32-2015-01-01-00-00-${ID}.plot`), 'plot');

  expect(await names(dir)).toEqual(expected);
  expect(await names(dir, 2)).toEqual(expected.slice(0, 2));
  expect(await names(dir, 0)).toEqual([]);
  expect(await names(dir, 100, new Date(2021, 2, 1))).toEqual(expected.slice(0, 2));
  expect((await oldestPlots(dir, { before, count: 1 })).plots[0]).toMatchObject({
    file: join(dir, 'undated.plot'),
    size: 4,
    time: new Date(2021, 1, 1).getTime(),
    source: 'file',
  });
});

test('a directory that is away is an error, not an empty one', async () => {
  await expect(names(join(temporaryDirectory(), 'absent'))).rejects.toThrow('ENOENT');
});

describe('removing a plot', () => {
  test('removes that file alone, once', async () => {
    const dir = temporaryDirectory();
    for (const name of ['a.plot', 'b.plot', 'c.txt']) writeFileSync(join(dir, name), 'plot');
    expect(await removePlot(dir, join(dir, 'a.plot'), { size: 4 })).toEqual({ outcome: 'removed', size: 4 });
    expect(await removePlot(dir, join(dir, 'a.plot'), { size: 4 })).toEqual({ outcome: 'missing' });
    expect(readdirSync(dir).sort()).toEqual(['b.plot', 'c.txt']);
  });

  test('of another suffix goes only where a plotter’s definition has it, and a rule names it', async () => {
    const dir = temporaryDirectory();
    for (const name of ['a.fpt', 'b.gplot', 'c.plot']) {
      writeFileSync(join(dir, name), 'plot');
      utimesSync(join(dir, name), 1, 1);
    }
    const found = async (match: string[], suffixes: string[]) => {
      const { plots, seen } = await oldestPlots(dir, { before, count: 9, match, suffixes });
      return [plots.map(({ file }) => basename(file)), seen];
    };
    expect(await found(['*.fpt'], [])).toEqual([[], 2]);
    expect(await found(['*.fpt', '*.gplot'], ['.fpt'])).toEqual([['a.fpt', 'b.gplot'], 3]);
    expect(await found(['*'], ['.fpt'])).toEqual([['c.plot'], 3]);
    const file = join(dir, 'a.fpt');
    expect(await removePlot(dir, file, { size: 4 })).toMatchObject({ outcome: 'refused' });
    expect(await removePlot(dir, file, { size: 4 }, { suffixes: ['.fpt'] })).toMatchObject({
      outcome: 'removed',
    });
  });

  test('works through a destination that is a link itself, and by a name alone', async () => {
    const dir = temporaryDirectory();
    mkdirSync(join(dir, 'real'));
    symlinkSync(join(dir, 'real'), join(dir, 'farm'));
    for (const name of ['a.plot', 'b.plot']) writeFileSync(join(dir, 'real', name), 'plot');
    expect(await removePlot(join(dir, 'farm'), join(dir, 'farm', 'a.plot'), { size: 4 })).toMatchObject({
      outcome: 'removed',
    });
    expect(await removePlot(join(dir, 'farm/'), 'b.plot', { size: 4 })).toMatchObject({ outcome: 'removed' });
  });

  test.each([
    ['another directory', 'other/x.plot'],
    ['the directory above', 'farm/../x.plot'],
    ['above and back', 'farm/../farm/x.plot'],
    ['a directory below', 'farm/inner/x.plot'],
    ['another name', 'farm/x.txt'],
    ['a plot that is still written', 'farm/x.plot.tmp'],
    ['a hidden file of that ending alone', 'farm/.plot'],
    ['a hidden plot', 'farm/.hidden.plot'],
    ['a link to a plot', 'farm/link.plot'],
    ['a directory of that name', 'farm/directory.plot'],
    ['a plot that has changed', 'farm/longer.plot'],
    ['the directory itself', 'farm'],
  ])('refuses %s and touches nothing', async (_, path) => {
    const root = temporaryDirectory();
    const farm = join(root, 'farm');
    for (const dir of ['farm/inner', 'farm/directory.plot', 'other'])
      mkdirSync(join(root, dir), { recursive: true });
    const files = [
      'x.plot',
      'other/x.plot',
      'farm/x.plot',
      'farm/inner/x.plot',
      'farm/x.txt',
      'farm/x.plot.tmp',
      'farm/.plot',
      'farm/.hidden.plot',
    ];
    for (const name of files) writeFileSync(join(root, name), 'plot');
    writeFileSync(join(farm, 'longer.plot'), 'longer');
    symlinkSync(join(root, 'x.plot'), join(farm, 'link.plot'));
    const all = readdirSync(root, { recursive: true }).sort();
    expect(await removePlot(farm, `${root}/${path}`, { size: 4 })).toMatchObject({ outcome: 'refused' });
    expect(readdirSync(root, { recursive: true }).sort()).toEqual(all);
    expect(readFileSync(join(root, 'x.plot'), 'utf8')).toBe('plot');
  });

  test('in a directory that is away fails: what is in it is not gone', async () => {
    const dir = join(temporaryDirectory(), 'absent');
    expect(await removePlot(dir, join(dir, 'a.plot'), { size: 4 })).toMatchObject({ outcome: 'failed' });
    expect(existsSync(dir)).toBe(false);
  });
});

describe('the time of a plot', () => {
  const named = (month: number) => `plot-k32-2021-0${month}-01-00-00-${ID}.plot`;
  const youngest = new Date(2030, 0, 1);

  test('is the record of its making before all else, in either direction', async () => {
    const dir = temporaryDirectory();
    for (const month of [1, 2]) writeFileSync(join(dir, named(month)), 'plot');
    writeFileSync(join(dir, `plot-k32-2025-01-01-00-00-${ID}.plot`), 'plot');
    const records = new Map([
      [named(1), new Date(2023, 0, 1).getTime()],
      [`plot-k32-2025-01-01-00-00-${ID}.plot`, new Date(2020, 0, 1).getTime()],
    ]);
    const { plots } = await oldestPlots(dir, {
      before,
      count: 9,
      recordOf: (name) => records.get(name) ?? null,
    });
    expect(plots.map(({ file, source }) => [basename(file), source])).toEqual([
      [`plot-k32-2025-01-01-00-00-${ID}.plot`, 'record'],
      [named(2), 'name'],
    ]);
  });

  test('is the younger of name and file where records may be missing', async () => {
    const dir = temporaryDirectory();
    for (const month of [1, 2, 3]) writeFileSync(join(dir, named(month)), 'plot');
    utimesSync(join(dir, named(1)), youngest, youngest);
    utimesSync(join(dir, named(2)), new Date(2020, 0, 1), new Date(2020, 0, 1));
    utimesSync(join(dir, named(3)), new Date(2021, 6, 1), new Date(2021, 6, 1));
    const { plots } = await oldestPlots(dir, { before, count: 9, cautious: true });
    expect(plots.map(({ file, source }) => [basename(file), source])).toEqual([
      [named(2), 'name'],
      [named(3), 'file'],
    ]);
  });

  test('does not matter for what somebody has in hand, or has a second name', async () => {
    const dir = temporaryDirectory();
    for (const month of [1, 2, 3]) writeFileSync(join(dir, named(month)), 'plot');
    linkSync(join(dir, named(2)), join(dir, 'second'));
    const { plots } = await oldestPlots(dir, { before, count: 9, inHand: new Set([named(1)]) });
    expect(plots.map(({ file }) => basename(file))).toEqual([named(3)]);
  });

  test('another file of the same name and size is not the one that was found', async () => {
    const dir = temporaryDirectory();
    writeFileSync(join(dir, named(1)), 'plot');
    const [found] = (await oldestPlots(dir, { before, count: 1 })).plots;
    if (!found) throw new Error('no plot');
    writeFileSync(join(dir, 'new'), 'plot');
    renameSync(join(dir, 'new'), join(dir, named(1)));
    expect(await removePlot(dir, found.file, found)).toMatchObject({ outcome: 'refused' });
    expect(readdirSync(dir)).toEqual([named(1)]);
  });

  test('nothing goes in a directory that leads where it may not', async () => {
    const dir = temporaryDirectory();
    mkdirSync(join(dir, 'outside'));
    symlinkSync('outside', join(dir, 'farm'));
    writeFileSync(join(dir, 'outside', 'x.plot'), 'plot');
    const refuses = (real: string) => (real === join(dir, 'outside') ? 'outside' : null);
    expect(await removePlot(join(dir, 'farm'), 'x.plot', { size: 4 }, { refuses })).toEqual({
      outcome: 'refused',
      reason: 'outside',
    });
    expect(readdirSync(join(dir, 'outside'))).toEqual(['x.plot']);
  });
});

describe('in several directories', () => {
  const named = (month: number, text = ID) => `plot-k32-2021-0${month}-01-00-00-${text}.plot`;

  function farm() {
    const root = temporaryDirectory();
    for (const name of ['a', 'b', 'c']) mkdirSync(join(root, name));
    writeFileSync(join(root, 'a', named(2)), 'two');
    writeFileSync(join(root, 'b', named(1)), 'one');
    writeFileSync(join(root, 'b', named(3)), 'three');
    writeFileSync(join(root, 'c', named(4)), 'not meant');
    return { root, at: (...parts: string[]) => join(root, ...parts) };
  }

  test('the oldest of all go first, each once, whatever a directory is called', async () => {
    const { at } = farm();
    symlinkSync('b', at('again'));
    const directories = [at('a'), at('b'), at('again'), at('b', '..', 'b'), at('absent'), at('a', named(2))];
    const found = await oldestPlotsIn(at('a'), directories, { before, count: 9 });
    expect(found.plots.map(({ file }) => file)).toEqual([
      at('b', named(1)),
      at('a', named(2)),
      at('b', named(3)),
    ]);
    expect(found.seen).toBe(3);
    const two = await oldestPlotsIn(at('a'), directories, { before, count: 2 });
    expect(two.plots.map(({ size }) => size)).toEqual([3, 3]);
  });

  test('a directory that may not be touched has none', async () => {
    const { at } = farm();
    const allows = (real: string) => real !== at('b');
    const { plots } = await oldestPlotsIn(at('a'), [at('a'), at('b')], { before, count: 9 }, allows);
    expect(plots.map(({ file }) => file)).toEqual([at('a', named(2))]);
  });

  test('of another file system than the destination nothing is found, and nothing goes', async () => {
    const { at } = farm();
    symlinkSync('/dev/shm', at('elsewhere'));
    const name = named(1, `${process.pid}`);
    const file = join('/dev/shm', name);
    writeFileSync(file, 'keep');
    try {
      const { plots } = await oldestPlotsIn(at('a'), [at('a'), at('elsewhere'), '/dev/shm'], {
        before,
        count: 99,
      });
      expect(plots.map((plot) => plot.file)).toEqual([at('a', named(2))]);
      for (const dir of [at('elsewhere'), '/dev/shm'])
        expect(await removePlot(dir, join(dir, name), { size: 4 }, { near: at('a') })).toMatchObject({
          outcome: 'refused',
          reason: expect.stringContaining('on another file system than'),
        });
      expect(existsSync(file)).toBe(true);
    } finally {
      rmSync(file);
    }
  });

  test('where the destination is away there is no answer, not an empty one', async () => {
    const { at } = farm();
    await expect(oldestPlotsIn(at('absent'), [at('a')], { before, count: 9 })).rejects.toThrow('ENOENT');
  });
});
