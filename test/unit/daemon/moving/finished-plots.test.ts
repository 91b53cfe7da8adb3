import {
  appendFileSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FinishedPlots } from '../../../../src/daemon/moving/finished-plots.ts';
import { temporaryDirectory } from '../../../support/directory.ts';

const QUIET = 60_000;

/** A directory, and a clock that stands until it is moved. */
function stage(ours: string[] = []) {
  const dir = temporaryDirectory();
  const plots = new FinishedPlots(dir);
  const made = new Set(ours);
  let now = 0;
  const telling = {
    suffixes: new Set(['.plot', '.plot2']),
    isOurs: (name: string) => made.has(name),
    quietMs: QUIET,
    now: () => now,
  };
  return {
    plots,
    made,
    at: (name: string) => join(dir, name),
    write: (name: string, text = 'plot') => writeFileSync(join(dir, name), text),
    look: async () => (await plots.look(telling)).map(({ file }) => basename(file)),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('a plot of our own', () => {
  test('is finished when its worker has ended', async () => {
    const { write, look, made } = stage();
    write('a.plot');
    expect(await look()).toEqual([]);
    made.add('a.plot');
    expect(await look()).toEqual(['a.plot']);
  });
});

describe('a plot of others', () => {
  test('is finished when it hasn’t changed for a while', async () => {
    const { write, look, pass, at } = stage();
    write('a.plot');
    expect(await look()).toEqual([]);
    pass(QUIET - 1);
    expect(await look()).toEqual([]);
    appendFileSync(at('a.plot'), 'more');
    pass(1);
    expect(await look()).toEqual([]);
    pass(QUIET - 1);
    expect(await look()).toEqual([]);
    pass(1);
    expect(await look()).toEqual(['a.plot']);
  });

  test('waits for who has it open for writing, not for who reads it', async () => {
    const { write, look, pass, at } = stage();
    write('a.plot');
    write('b.plot');
    const writing = openSync(at('a.plot'), 'a');
    const reading = openSync(at('b.plot'), 'r');
    await look();
    pass(QUIET);
    expect(await look()).toEqual(['b.plot']);
    closeSync(writing);
    closeSync(reading);
    expect((await look()).sort()).toEqual(['a.plot', 'b.plot']);
  });

  test('that others rename to its name waits too', async () => {
    const { write, look, pass, at } = stage();
    write('a.plot.tmp');
    await look();
    pass(QUIET);
    renameSync(at('a.plot.tmp'), at('a.plot'));
    expect(await look()).toEqual([]);
    pass(QUIET);
    expect(await look()).toEqual(['a.plot']);
  });
});

test('links, empty files, hidden ones, directories and other names are none', async () => {
  const { write, look, pass, at } = stage();
  write('real.plot');
  symlinkSync(at('real.plot'), at('link.plot'));
  write('twice.plot');
  linkSync(at('twice.plot'), at('name.plot'));
  write('empty.plot', '');
  write('.hidden.plot');
  write('.plot');
  write('a.plot.tmp');
  write('note.txt');
  mkdirSync(at('dir.plot'));
  write('new.plot2');
  await look();
  pass(QUIET);
  expect((await look()).sort()).toEqual(['new.plot2', 'real.plot']);
  rmSync(at('name.plot'));
  writeFileSync(at('empty.plot'), 'no more');
  await look();
  pass(QUIET);
  expect((await look()).sort()).toEqual(['empty.plot', 'new.plot2', 'real.plot', 'twice.plot']);
});

test('the oldest come first, and what is gone is forgotten', async () => {
  const { write, look, at } = stage(['a.plot', 'b.plot', 'c.plot']);
  for (const [name, time] of [
    ['b.plot', 1],
    ['c.plot', 3],
    ['a.plot', 2],
  ] as const) {
    write(name);
    utimesSync(at(name), time, time);
  }
  expect(await look()).toEqual(['b.plot', 'a.plot', 'c.plot']);
  rmSync(at('a.plot'));
  expect(await look()).toEqual(['b.plot', 'c.plot']);
});

test('a directory whose time is the same is not read again, and the list is the same one', async () => {
  const { write, look, plots, at } = stage(['a.plot', 'b.plot']);
  write('a.plot');
  utimesSync(at('.'), 1, 1);
  await look();
  const before = plots.plots;
  // Behind its back: the directory's time says that nothing has come.
  write('b.plot');
  utimesSync(at('.'), 1, 1);
  expect(await look()).toEqual(['a.plot']);
  expect(plots.plots).toBe(before);
  utimesSync(at('.'), 2, 2);
  expect((await look()).sort()).toEqual(['a.plot', 'b.plot']);
});

test('one that was not as it was found is looked at anew', async () => {
  const { write, look, plots, at } = stage(['a.plot']);
  write('a.plot');
  utimesSync(at('.'), 1, 1);
  await look();
  appendFileSync(at('a.plot'), 'more');
  await look();
  expect(plots.plots).toMatchObject([{ size: 4 }]);
  plots.doubt('a.plot');
  await look();
  expect(plots.plots).toMatchObject([{ size: 8 }]);
});

test('another directory in its place begins anew', async () => {
  const { write, look, at } = stage(['a.plot', 'b.plot']);
  write('a.plot');
  await look();
  renameSync(at('.').replace(/\/\.$/, ''), `${at('.').replace(/\/\.$/, '')}.away`);
  mkdirSync(at('.'));
  write('b.plot');
  expect(await look()).toEqual(['b.plot']);
  rmSync(`${at('.').replace(/\/\.$/, '')}.away`, { recursive: true });
});
