import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DiskEntry, diskSchema } from '../../../../src/config/schema/disks.ts';
import { Places } from '../../../../src/daemon/effects/places.ts';
import type { MatchedDirectory } from '../../../../src/engine/inputs.ts';
import { temporaryDirectory } from '../../../support/directory.ts';

/** Places in a directory of its own; what patterns have matched is remembered as the daemon does. */
function placesIn(names: string[], disks: (dir: string) => DiskEntry[] = () => []) {
  const dir = temporaryDirectory();
  for (const name of names) mkdirSync(join(dir, name), { recursive: true });
  const remembered: Record<string, MatchedDirectory[]> = {};
  let told = 0;
  const places = new Places({
    disks: () => disks(dir),
    matched: () => remembered,
    onMatched: (patterns) => {
      told += 1;
      for (const [pattern, directories] of patterns) remembered[pattern] = [...directories];
    },
  });
  const find = async (written: string, again = false) => {
    const found = await places.find([join(dir, written)], { withinMs: 60_000, again });
    return found
      .get(join(dir, written))
      ?.map(({ path, problem }) => `${path.slice(dir.length + 1)} ${problem ?? 'ok'}`);
  };
  return { dir, find, remembered, told: () => told };
}

test('a pattern means directories alone, what is gone stays missing, and only news is told', async () => {
  const { dir, find, told } = placesIn(['a1/plots', 'a2/plots', 'a3', 'b/plots']);
  writeFileSync(join(dir, 'a3/plots'), '');
  writeFileSync(join(dir, 'a4'), '');
  symlinkSync(join(dir, 'b'), join(dir, 'a5'));
  expect(await find('a*/plots')).toEqual(['a1/plots ok', 'a2/plots ok', 'a5/plots ok']);
  rmSync(join(dir, 'a1'), { recursive: true });
  mkdirSync(join(dir, 'a7/plots'), { recursive: true });
  expect(await find('a*/plots', true)).toEqual([
    'a2/plots ok',
    'a5/plots ok',
    'a7/plots ok',
    'a1/plots missing',
  ]);
  await find('a*/plots');
  expect(told()).toBe(2);
});

test('a plain directory is looked up as it is written; one that becomes a file is seen by the quick look too', async () => {
  const { dir, find, told } = placesIn(['plots']);
  expect(await find('plots')).toEqual(['plots ok']);
  rmSync(join(dir, 'plots'), { recursive: true });
  expect(await find('plots', true)).toEqual(['plots missing']);
  writeFileSync(join(dir, 'plots'), '');
  expect(await find('plots', true)).toEqual(['plots not_a_directory']);
  expect(told()).toBe(0);
});

test('mounted: what match names must be on another file system than what is above it', async () => {
  const rule = (mounted: boolean) => (dir: string) => [
    diskSchema.parse({ match: join(dir, 'disk*'), mounted }),
  ];
  const names = ['disk1/plots', 'disk2/plots'];
  expect(await placesIn(names, rule(true)).find('disk*/plots')).toEqual([
    'disk1/plots not_mounted',
    'disk2/plots not_mounted',
  ]);
  expect(await placesIn(names, rule(false)).find('disk*/plots')).toEqual([
    'disk1/plots ok',
    'disk2/plots ok',
  ]);
});

test('one that was a mount when it was seen is expected to be one', async () => {
  const { dir, find, remembered } = placesIn(['disk1/plots', 'disk2/plots']);
  remembered[join(dir, 'disk*/plots')] = [{ path: join(dir, 'disk1/plots'), mount: true }];
  expect(await find('disk*/plots')).toEqual(['disk1/plots not_mounted', 'disk2/plots not_mounted']);
  expect(await find('disk1/plots')).toEqual(['disk1/plots ok']);
});
