import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { PlotCounts } from '../../../src/host/plot-counts.ts';
import { temporaryDirectory } from '../../support/directory.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, readdir: vi.fn(real.readdir) };
});

const LONG_AGO = new Date(Date.now() - 60_000);
const SUFFIXES = ['.plot', '.fpt'];

/** A directory in which nothing has changed for a while. */
function settled(path: string): string {
  utimesSync(path, LONG_AGO, LONG_AGO);
  return path;
}

function withFiles(...names: string[]): string {
  const dir = temporaryDirectory();
  for (const name of names) writeFileSync(join(dir, name), '');
  return settled(dir);
}

it('counts what is named like a plot', async () => {
  const dir = withFiles('a.plot', 'b.fpt', 'c.plot.tmp', '.d.plot', 'e.plott', 'notes');
  expect(await new PlotCounts().count(dir, SUFFIXES)).toBe(2);
});

it('what isn’t there has no count', async () => {
  expect(await new PlotCounts().count(join(temporaryDirectory(), 'none'), SUFFIXES)).toBeNull();
});

it('reads names only where a directory has changed, or may have in the same moment', async () => {
  const counts = new PlotCounts();
  const dir = withFiles('a.plot');
  const reads = () => vi.mocked(readdir).mock.calls.filter(([path]) => path === dir).length;
  const count = async () => [await counts.count(dir, SUFFIXES), reads()];
  expect(await count()).toEqual([1, 1]);
  expect(await count()).toEqual([1, 1]);
  writeFileSync(join(dir, 'b.plot'), '');
  expect(await count()).toEqual([2, 2]);
  // It was changed just now: another file could come without a trace.
  expect(await count()).toEqual([2, 3]);
  settled(dir);
  expect(await count()).toEqual([2, 4]);
  expect(await count()).toEqual([2, 4]);
  counts.keep(new Set());
  expect(await count()).toEqual([2, 5]);
});

it('another directory under a name is counted anew', async () => {
  const counts = new PlotCounts();
  const base = temporaryDirectory();
  for (const [name, plots] of [
    ['one', ['a.plot']],
    ['two', []],
  ] as const) {
    mkdirSync(join(base, name));
    for (const plot of plots) writeFileSync(join(base, name, plot), '');
    settled(join(base, name));
  }
  const link = join(base, 'link');
  symlinkSync('one', link);
  expect(await counts.count(link, SUFFIXES)).toBe(1);
  rmSync(link);
  symlinkSync('two', link);
  expect(await counts.count(link, SUFFIXES)).toBe(0);
});

it('a count that takes long is as it was before, and begun once', async () => {
  const counts = new PlotCounts();
  const dir = withFiles('a.plot');
  expect(await counts.count(dir, SUFFIXES)).toBe(1);
  writeFileSync(join(dir, 'b.plot'), '');
  let answer = (_names: never[]) => {};
  const asked = vi.mocked(readdir).mockImplementationOnce(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  const before = asked.mock.calls.length;
  expect(await counts.count(dir, SUFFIXES)).toBe(1);
  expect(await counts.count(dir, SUFFIXES)).toBe(1);
  expect(asked.mock.calls.length).toBe(before + 1);
  answer([]);
  await expect.poll(() => counts.count(dir, SUFFIXES)).toBe(2);
});

it('a farm of thousands of plots is counted, one directory after the other', async () => {
  const base = temporaryDirectory();
  const dirs = Array.from({ length: 4 }, (_, index) => join(base, String(index)));
  for (const dir of dirs) {
    await mkdir(dir);
    for (let plot = 0; plot < 500; plot += 1) writeFileSync(join(dir, `plot-k32-${plot}.plot`), '');
  }
  const counts = new PlotCounts();
  expect(await Promise.all(dirs.map((dir) => counts.count(dir, SUFFIXES)))).toEqual([500, 500, 500, 500]);
});
