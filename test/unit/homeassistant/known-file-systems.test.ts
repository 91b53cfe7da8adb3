import { expect, test } from 'vitest';
import { KnownFileSystems } from '../../../src/homeassistant/known-file-systems.ts';
import { openly } from './samples.ts';

const DAY = 86_400_000;
const plain = (path: string) => path;

test('one that is remembered is shown as it is when it has been looked at', () => {
  const before = new KnownFileSystems();
  const present = [openly('/mnt/a'), openly('/mnt/b')];
  const shown = before.with(present, 100 * DAY, plain);
  // After a restart, before the first look.
  const after = new KnownFileSystems(before.days());
  expect(after.with([], 101 * DAY, plain)).toEqual(shown);
  expect(after.with(present, 101 * DAY, plain)).toEqual(shown);
});

test('one that went stays for thirty days, behind those that look like it', () => {
  const known = new KnownFileSystems();
  const mask = () => '***';
  const [one, other] = ['/mnt/one', '/mnt/other'].map((path, nth) => ({ path, shown: '***', nth }));
  if (!one || !other) throw new Error('there are two');
  known.with([one, other], 100 * DAY, mask);
  const left = { ...other, nth: 0 };
  expect(known.with([left], 130 * DAY, mask)).toEqual([left, { ...one, nth: 1 }]);
  expect(known.with([left], 131 * DAY, mask)).toEqual([left]);
  expect(known.days()).toEqual({ '/mnt/other': 131 });
});
