import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { PlotCounts } from '../../../src/host/plot-counts.ts';
import { temporaryDirectory } from '../../support/directory.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, readdir: vi.fn(real.readdir) };
});

const LONG_AGO = new Date(Date.now() - 60_000);

/** A directory in which nothing has changed for a while. */
function settled(path: string): string {
  utimesSync(path, LONG_AGO, LONG_AGO);
  return path;
}

function withFiles(dir: string, ...names: string[]): string {
  mkdirSync(dir, { recursive: true });
  for (const name of names) writeFileSync(join(dir, name), '');
  return settled(dir);
}

async function plotsIn(counts: PlotCounts, path: string): Promise<number | null | undefined> {
  return (await counts.in([path], ['.plot', '.fpt'])).get(path);
}

it('counts what is named like a plot', async () => {
  const dir = withFiles(temporaryDirectory(), 'a.plot', 'b.fpt', 'c.plot.tmp', '.d.plot', 'e.plott', 'notes');
  expect(await plotsIn(new PlotCounts(), dir)).toBe(2);
});

it('what isn’t there isn’t known', async () => {
  expect(await plotsIn(new PlotCounts(), join(temporaryDirectory(), 'none'))).toBe(null);
});

it('reads names only where a directory has changed, or may have in the same moment', async () => {
  const counts = new PlotCounts();
  const dir = withFiles(temporaryDirectory(), 'a.plot');
  const reads = () => vi.mocked(readdir).mock.calls.filter(([path]) => path === dir).length;
  expect([await plotsIn(counts, dir), reads()]).toEqual([1, 1]);
  expect([await plotsIn(counts, dir), reads()]).toEqual([1, 1]);
  writeFileSync(join(dir, 'b.plot'), '');
  expect([await plotsIn(counts, dir), reads()]).toEqual([2, 2]);
  // It was changed just now: another file could come without a trace.
  expect([await plotsIn(counts, dir), reads()]).toEqual([2, 3]);
  settled(dir);
  expect([await plotsIn(counts, dir), reads()]).toEqual([2, 4]);
  expect([await plotsIn(counts, dir), reads()]).toEqual([2, 4]);
});

it('another directory under a name is counted anew', async () => {
  const counts = new PlotCounts();
  const base = temporaryDirectory();
  withFiles(join(base, 'one'), 'a.plot');
  withFiles(join(base, 'two'));
  const link = join(base, 'link');
  symlinkSync('one', link);
  expect(await plotsIn(counts, link)).toBe(1);
  rmSync(link);
  symlinkSync('two', link);
  expect(await plotsIn(counts, link)).toBe(0);
});

it('a farm of thousands of plots is counted, each directory by itself', async () => {
  const base = temporaryDirectory();
  const names = Array.from({ length: 500 }, (_, plot) => `plot-k32-${plot}.plot`);
  const dirs = ['a', 'b', 'c', 'd'].map((name) => withFiles(join(base, name), ...names));
  const found = await new PlotCounts().in(dirs, ['.plot']);
  expect([...found.values()]).toEqual([500, 500, 500, 500]);
});
