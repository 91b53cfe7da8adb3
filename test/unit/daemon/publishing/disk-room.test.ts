import { describe, expect, it } from 'vitest';
import type { DiskFigures } from '../../../../src/contract/views.ts';
import type { DiskLook } from '../../../../src/daemon/publishing/disk-figures.ts';
import {
  diskRoom,
  NOTHING_SHOWN,
  type ShownDisks,
  steadyFullAt,
} from '../../../../src/daemon/publishing/disk-room.ts';
import type { UsedRoom } from '../../../../src/engine/inputs.ts';
import { Bench, hour, minute } from '../../engine/bench.ts';

const DAY = 24 * hour;

function disk(path: string, filesystem: string | null, over: Partial<DiskLook> = {}): DiskLook {
  return {
    ...{ role: 'destination', path, filesystem, key: filesystem === null ? null : `key ${filesystem}` },
    ...{ state: 'ok', free_bytes: 1000, total_bytes: 5000, ...over },
  };
}

function shown(
  bench: Bench,
  disks: DiskLook[],
  { used = new Map(), before = NOTHING_SHOWN }: { used?: Map<string, UsedRoom>; before?: ShownDisks } = {},
): ShownDisks {
  const mountPointOf = (path: string) => (path.startsWith('/d') ? '/' : '/elsewhere');
  const plots = new Map([['/dest', 3]]);
  const moment = { now: bench.now, steady: bench.surroundings.steady() };
  const { state, memory } = bench;
  return diskRoom(disks, { state, memory, used, plots, mountPointOf, ...moment }, before);
}

const of = ({ disks }: ShownDisks, key: keyof DiskFigures) => disks.map((each) => each[key]);

describe('what is reserved', () => {
  const BOTH = [disk('/tmp1', '/ssd', { role: 'temp' }), disk('/dest', '/farm')];

  it.each<[string, (bench: Bench) => void, DiskLook[], (number | null)[]]>([
    ['nothing', () => {}, BOTH, [0, 0]],
    ['what a worker claims', (bench) => bench.start(), BOTH, [250, 100]],
    ['of two', (bench) => bench.start('nightly', 2), BOTH, [500, 200]],
    [
      'together, where all is on one file system',
      (bench) => bench.start(),
      [disk('/tmp1', '/', { role: 'temp' }), disk('/dest', '/'), disk('/dest2', '/')],
      [350, 350, 350],
    ],
    [
      'no temporary room once the last tables are compressed',
      (bench) => bench.enter(bench.startOne(), '4'),
      BOTH,
      [0, 100],
    ],
    [
      'nothing by a worker whose plot is made',
      (bench) => {
        bench.hold('cleanup');
        bench.exit(bench.startOne());
      },
      BOTH,
      [0, 0],
    ],
    ['not known where the file system isn’t', (bench) => bench.start(), [disk('/dest', null)], [null]],
  ])('%s', (_, go, disks, reserved) => {
    const bench = new Bench({ nightly: { max_workers: 2 } });
    go(bench);
    expect(of(shown(bench, disks), 'reserved_bytes')).toEqual(reserved);
  });

  it('is less what a worker has taken', () => {
    const bench = new Bench();
    const { id } = bench.startOne();
    const used = new Map([[id, { temp_bytes: 150, plot_bytes: 10 }]]);
    expect(of(shown(bench, BOTH, { used }), 'reserved_bytes')).toEqual([100, 90]);
  });
});

/** 100 bytes each half a day. */
function grown(job = {}): Bench {
  const bench = new Bench({ nightly: job });
  for (let plots = 0; plots < 4; plots += 1) {
    const worker = bench.startOne();
    bench.pass(DAY / 2);
    bench.exit(worker);
  }
  return bench;
}

const days = (bench: Bench, at: string | null | undefined) =>
  at === null || at === undefined ? null : Math.round((Date.parse(at) - bench.now) / DAY);

describe('when a disk will be full', () => {
  it.each<[string, DiskLook[], (number | null)[], number | null]>([
    ['by what was written there', [disk('/dest', '/farm')], [5], 5],
    ['its whole file system', [disk('/dest', '/farm'), disk('/more', '/farm')], [5, 5], 5],
    ['not one without plots', [disk('/dest', '/farm'), disk('/more', '/more')], [5, null], 10],
    ['temporary directories count for none', [disk('/dest', '/farm', { role: 'temp' })], [5], null],
    ['now', [disk('/dest', '/farm', { free_bytes: 0 })], [0], 0],
    ['not known of what is away', [disk('/dest', null, { free_bytes: null })], [null], null],
    ['not in a hundred years', [disk('/dest', '/farm', { free_bytes: 1e9 })], [null], null],
    ['where its name says, if nobody looks there', [disk('/data', '/')], [5], 5],
  ])('%s', (_, disks, each, all) => {
    const bench = grown();
    const { farm, ...found } = shown(bench, disks);
    expect(of({ ...found, farm }, 'full_at').map((at) => days(bench, String(at ?? '') || null))).toEqual(
      each,
    );
    expect(days(bench, farm.full_at)).toBe(all);
  });

  it('isn’t known before the first plot, nor where old ones go for new ones', () => {
    expect(shown(new Bench(), [disk('/dest', '/farm')]).farm.full_at).toBeNull();
    const bench = new Bench({ nightly: { replot: { before: '2026-01-01T00:00:00Z' } } });
    bench.farm.oldPlots.push({ file: '/dest/old.plot', size: 100 });
    const worker = bench.startOne();
    bench.pass(hour);
    bench.exit(worker);
    expect(shown(bench, [disk('/dest', '/farm')]).farm.full_at).toBeNull();
  });

  it('is told anew only when it has moved', () => {
    const bench = grown();
    const before = shown(bench, [disk('/dest', '/farm')]);
    bench.pass(10 * minute);
    const after = shown(bench, [disk('/dest', '/farm')], { before });
    expect([after.farm.full_at, after.disks[0]?.full_at]).toEqual([
      before.farm.full_at,
      before.disks[0]?.full_at,
    ]);
    bench.pass(DAY);
    expect(shown(bench, [disk('/dest', '/farm')], { before }).farm.full_at).not.toBe(before.farm.full_at);
  });
});

describe('all destinations', () => {
  it.each<[string, DiskLook[], [number | null, number | null]]>([
    ['none', [], [null, null]],
    ['one', [disk('/a', '/a')], [1000, 5000]],
    ['each file system once', [disk('/a', '/'), disk('/b', '/'), disk('/c', '/c')], [2000, 10_000]],
    ['temporary ones don’t count', [disk('/a', '/a'), disk('/t', '/t', { role: 'temp' })], [1000, 5000]],
    [
      'what is away doesn’t',
      [disk('/a', '/a'), disk('/b', '/b', { free_bytes: null, total_bytes: null })],
      [1000, 5000],
    ],
    ['nothing answers', [disk('/b', '/b', { free_bytes: null, total_bytes: null })], [null, null]],
    [
      'a dataset with a quota is the pool’s',
      [disk('/a', '/'), disk('/b', '/', { free_bytes: 10, total_bytes: 20 })],
      [1000, 5000],
    ],
  ])('%s', (_, disks, [free_bytes, total_bytes]) => {
    expect(shown(new Bench(), disks).farm).toMatchObject({ free_bytes, total_bytes });
  });
});

it('plots are those that were counted', () => {
  expect(of(shown(new Bench(), [disk('/dest', '/farm'), disk('/other', '/farm')]), 'plots')).toEqual([
    3,
    null,
  ]);
});

it.each([
  ['comes', null, '2026-12-01T00:00:00Z', 'new'],
  ['goes', '2026-12-01T00:00:00Z', null, 'new'],
  ['a little later', '2026-12-01T00:00:00Z', '2026-12-01T02:00:00Z', 'shown'],
  ['2 % later', '2026-12-01T00:00:00Z', '2026-12-01T06:00:00Z', 'new'],
  ['a little earlier', '2026-12-01T00:00:00Z', '2026-11-30T23:00:00Z', 'shown'],
  ['less than a minute, with little time left', '2026-11-23T00:10:00Z', '2026-11-23T00:10:59Z', 'shown'],
  ['a minute, with little time left', '2026-11-23T00:10:00Z', '2026-11-23T00:11:00Z', 'new'],
  ['what is shown is over', '2026-11-22T00:00:00Z', '2026-11-22T00:00:01Z', 'new'],
])('an estimated time: %s', (_, before, time, expected) => {
  const now = Date.parse('2026-11-23T00:00:00Z');
  expect(steadyFullAt(before, time, now)).toBe(expected === 'new' ? time : before);
});
