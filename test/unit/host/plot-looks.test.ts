import { linkSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PlotLooks } from '../../../src/host/plot-looks.ts';
import { temporaryDirectory } from '../../support/directory.ts';

/** A directory that has not changed for long. */
function settle(dir: string): void {
  utimesSync(dir, new Date('2026-01-01'), new Date('2026-01-01'));
}

test('a look has the plots that may be removed at all, with what is told apart by', async () => {
  const dir = temporaryDirectory();
  const name = 'plot-k32-2021-02-03-04-05-a.plot';
  writeFileSync(join(dir, name), 'four');
  const modified = new Date('2022-01-01');
  utimesSync(join(dir, name), modified, modified);
  for (const other of ['photo.jpg', '.hidden.plot', 'a.plot.tmp', 'twice.plot'])
    writeFileSync(join(dir, other), '');
  linkSync(join(dir, 'twice.plot'), join(dir, 'second'));
  symlinkSync(name, join(dir, 'link.plot'));
  mkdirSync(join(dir, 'directory.plot'));
  expect((await new PlotLooks().look(dir))?.plots).toEqual([
    { name, named: new Date(2021, 1, 3, 4, 5).getTime(), modified: modified.getTime(), size: 4 },
  ]);
});

test('it is remembered until the directory changes, and forgotten when nobody asks', async () => {
  const dir = temporaryDirectory();
  const looks = new PlotLooks();
  writeFileSync(join(dir, 'a.plot'), '');
  const fresh = await looks.look(dir);
  // What has just changed may change again in the same moment.
  expect(await looks.look(dir)).not.toBe(fresh);
  settle(dir);
  const known = await looks.look(dir);
  expect(await looks.look(dir)).toBe(known);
  looks.keep(new Set([dir]));
  expect(await looks.look(dir)).toBe(known);
  writeFileSync(join(dir, 'b.plot'), '');
  expect((await looks.look(dir))?.plots).toHaveLength(2);
  settle(dir);
  const again = await looks.look(dir);
  looks.keep(new Set());
  expect(await looks.look(dir)).not.toBe(again);
});

test('another directory of that name is another one, one that is away has no answer', async () => {
  const root = temporaryDirectory();
  const looks = new PlotLooks();
  for (const name of ['a', 'b']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'b', 'x.plot'), '');
  for (const name of ['a', 'b']) settle(join(root, name));
  expect((await looks.look(join(root, 'a')))?.plots).toEqual([]);
  renameSync(join(root, 'a'), join(root, 'c'));
  expect(await looks.look(join(root, 'a'))).toBe(null);
  renameSync(join(root, 'b'), join(root, 'a'));
  settle(join(root, 'a'));
  expect((await looks.look(join(root, 'a')))?.plots).toHaveLength(1);
});
