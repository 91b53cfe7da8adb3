import { expect, test } from 'vitest';
import type { DiskFigures } from '../../../../src/contract/views.ts';
import { SteadyFileSystems } from '../../../../src/daemon/publishing/file-systems.ts';

const GIB = 1024 ** 3;
const MINUTE = 60_000;

function disk(change: Partial<DiskFigures>): DiskFigures {
  return {
    ...{ role: 'temp', path: '/mnt/a/tmp', free_bytes: 100.7 * GIB, total_bytes: 500 * GIB },
    ...{ filesystem: '/mnt/a', reserved_bytes: 3.2 * GIB, state: 'ok', plots: null, full_at: null },
    ...{ old_plots: null, old_bytes: null },
    ...change,
  };
}

test('a file system comes once, in steps of 1 GiB, or of 0.1 % where it is large', () => {
  const disks = [
    disk({}),
    disk({ role: 'destination', path: '/mnt/a/plots', full_at: '2026-12-01T00:00:00.000Z' }),
    disk({ path: '/gone', filesystem: null, free_bytes: null, state: 'missing' }),
    disk({ path: '/big', filesystem: '/big', free_bytes: 4567 * GIB, total_bytes: 10_000 * GIB }),
  ];
  expect(new SteadyFileSystems().of(disks, 0)).toEqual([
    {
      ...{ path: '/mnt/a', free_bytes: 100 * GIB, total_bytes: 500 * GIB, used_percent: 80 },
      ...{ reserved_bytes: 4 * GIB, full_at: '2026-12-01T00:00:00.000Z', state: 'ok' },
    },
    {
      ...{ path: '/big', free_bytes: 4560 * GIB, total_bytes: 10_000 * GIB, used_percent: 54 },
      ...{ reserved_bytes: 10 * GIB, full_at: null, state: 'ok' },
    },
  ]);
});

test('it is renewed each five minutes at most, at once where it is another disk or its state changes', () => {
  const shown = new SteadyFileSystems();
  const free = (gib: number, minutes: number, change: Partial<DiskFigures> = {}) =>
    Number(shown.of([disk({ free_bytes: gib * GIB, ...change })], minutes * MINUTE)[0]?.free_bytes) / GIB;
  expect([free(100, 0), free(90, 2), free(80, 4), free(70, 5), free(60, 6)]).toEqual([100, 100, 100, 70, 70]);
  // What stood still for long is shown anew at once.
  expect([free(70, 20), free(69, 21), free(68, 22)]).toEqual([70, 69, 69]);
  expect(free(50, 22.5, { state: 'read_only' })).toBe(50);
  shown.of([], 23 * MINUTE);
  expect(free(40, 23.5)).toBe(40);
});
