import { expect, test } from 'vitest';
import { type DiskEntry, diskSchema, entriesFor, rulesFor } from '../../../src/config/schema/disks.ts';
import { problemsOf } from './support.ts';

const entry = (written: Record<string, unknown>): DiskEntry => diskSchema.parse(written);

test('all entries that match hold, the stricter value first; what none says is as if there were none', () => {
  const disks = [
    entry({ match: '/mnt/*', max_workers: 3, keep_free: '20GiB', apart: '1m', max_in_phase: { 1: 2, 2: 1 } }),
    entry({
      match: '/mnt/nvme1',
      max_workers: 5,
      keep_free: 1000,
      apart: 90,
      max_in_phase: { 1: 1 },
      max_moves: 3,
    }),
    entry({ match: '/mnt/nvme1/tmp', max_moves: 2, mounted: true }),
    entry({ match: '/other', closed: true }),
  ];
  expect(entriesFor(disks, '/mnt/nvme1/tmp')).toEqual(disks.slice(0, 3));
  expect(rulesFor(disks, '/mnt/nvme1/tmp')).toEqual({
    max_workers: 3,
    max_in_phase: { 1: 1, 2: 1 },
    apart: 90,
    keep_free: 20 * 2 ** 30,
    mounted: ['/mnt/nvme1/tmp'],
    max_moves: 2,
    closed: false,
  });
  expect(rulesFor(disks, '/other/deep').closed).toBe(true);
  expect(rulesFor(disks, '/elsewhere')).toEqual({
    ...{ max_workers: null, max_in_phase: {}, apart: 0, keep_free: 0, mounted: null },
    ...{ max_moves: 1, closed: false },
  });
});

test('mounted names what match means; false keeps the default away, true of another entry is stricter', () => {
  const no = entry({ match: '/mnt/*', mounted: false });
  const yes = entry({ match: '/mnt/a', mounted: true });
  expect(rulesFor([no], '/mnt/a/plots').mounted).toEqual([]);
  expect(rulesFor([no, yes], '/mnt/a/plots').mounted).toEqual(['/mnt/a']);
});

test.each<[string, number]>([
  ['500MB', 5e8],
  ['1.5 TB', 1.5e12],
  ['20GiB', 20 * 2 ** 30],
  ['7kB', 7000],
  ['12B', 12],
])('a size of %s', (written, bytes) => {
  expect(entry({ match: '/a', keep_free: written }).keep_free).toBe(bytes);
});

test.each([
  ['{ match: /a, keep_free: 20G }', /keep_free: .*a size such as 500MB or 20GiB/],
  ['{ match: /a, keep_free: -1 }', /keep_free/],
  ['{ match: /a, max_moves: 0 }', /max_moves: must be at least 1/],
  ['{ keep_free: 1 }', /'match' is missing/],
  ['{ match: /a, max_in_phase: { one: 1 } }', /the number of a phase/],
  ['{ match: /a, close: true }', /unknown key 'close'.*'closed'/],
])('%s is refused', async (written, problem) => {
  expect((await problemsOf(`disks:\n  - ${written}\n`)).join('\n')).toMatch(problem);
});
