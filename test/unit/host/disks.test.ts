import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createDiskLooks } from '../../../src/host/disks.ts';
import { mountOf } from '../../../src/host/mounts.ts';
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

async function plotsIn(looks: ReturnType<typeof createDiskLooks>, path: string): Promise<number | null> {
  const { disks } = await looks([{ role: 'destination', path }], SUFFIXES);
  return disks[0]?.plots ?? null;
}

it('counts what is named like a plot', async () => {
  const dir = withFiles('a.plot', 'b.fpt', 'c.plot.tmp', '.d.plot', 'e.plott', 'notes');
  expect(await plotsIn(createDiskLooks(), dir)).toBe(2);
});

it('reads names only where a directory has changed, or may have in the same moment', async () => {
  const looks = createDiskLooks();
  const dir = withFiles('a.plot');
  const reads = () => vi.mocked(readdir).mock.calls.filter(([path]) => path === dir).length;
  expect([await plotsIn(looks, dir), reads()]).toEqual([1, 1]);
  expect([await plotsIn(looks, dir), reads()]).toEqual([1, 1]);
  writeFileSync(join(dir, 'b.plot'), '');
  expect([await plotsIn(looks, dir), reads()]).toEqual([2, 2]);
  // It was changed just now: another file could come without a trace.
  expect([await plotsIn(looks, dir), reads()]).toEqual([2, 3]);
  settled(dir);
  expect([await plotsIn(looks, dir), reads()]).toEqual([2, 4]);
  expect([await plotsIn(looks, dir), reads()]).toEqual([2, 4]);
});

it('another directory under a name is counted anew', async () => {
  const looks = createDiskLooks();
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
  expect(await plotsIn(looks, link)).toBe(1);
  rmSync(link);
  symlinkSync('two', link);
  expect(await plotsIn(looks, link)).toBe(0);
});

it('what isn’t there is missing; a name with a link is on the file system that it leads to', async () => {
  const dir = temporaryDirectory();
  symlinkSync('/proc', join(dir, 'link'));
  const path = (name: string) => ({ role: 'temp' as const, path: join(dir, name) });
  const { disks, filesystemOf } = await createDiskLooks()([path('.'), path('none'), path('link')], []);
  expect(disks.map(({ state, filesystem }) => [state, filesystem])).toEqual([
    ['ok', process.platform === 'linux' ? mountOf(dir) : null],
    ['missing', null],
    [expect.any(String), process.platform === 'linux' ? '/proc' : null],
  ]);
  expect(filesystemOf(join(dir, 'elsewhere'))).toBe(disks[0]?.filesystem ?? null);
});

it('a farm of thousands of plots is counted, one directory after the other', async () => {
  const base = temporaryDirectory();
  const dirs = Array.from({ length: 4 }, (_, index) => join(base, String(index)));
  for (const dir of dirs) {
    await mkdir(dir);
    for (let plot = 0; plot < 500; plot += 1) writeFileSync(join(dir, `plot-k32-${plot}.plot`), '');
  }
  const disks = dirs.map((path) => ({ role: 'destination' as const, path }));
  const looks = createDiskLooks();
  const found = await looks(disks, SUFFIXES);
  expect(found.disks.map(({ plots }) => plots)).toEqual([500, 500, 500, 500]);
});
