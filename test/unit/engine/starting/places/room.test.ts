import { describe, expect, it } from 'vitest';
import type { DirectoryFacts } from '../../../../../src/engine/inputs.ts';
import type { Placed } from '../../../../../src/engine/model/worker-state.ts';
import { checkRoom, type RoomCase, remainingRoom } from '../../../../../src/engine/starting/places/room.ts';
import { mayGrowIn, planOf } from '../../../../../src/engine/working/stages.ts';
import { Bench } from '../../bench.ts';
import { smallPlotter } from '../../plotter.ts';

function claim(role: Placed['role'], device: string, bytes: number): Placed {
  return { role, filesystem: device, path: `/${role}`, bytes };
}

function directory(role: Placed['role'], device: string, free_bytes: number): DirectoryFacts {
  return { argument: `${role}_dir`, role, path: `/${role}`, problem: null, device, free_bytes };
}

describe('room for one start', () => {
  const needs = [claim('temp', 'ssd', 200), claim('destination', 'farm', 100)];
  const shared = [claim('temp', 'one', 200), claim('destination', 'one', 100)];
  const nothing = { device: '', bytes: 0 };
  const cases: [string, RoomCase, string][] = [
    [
      'two disks with just enough',
      {
        needs,
        directories: [directory('temp', 'ssd', 200), directory('destination', 'farm', 100)],
        inFlight: [],
        givenBack: nothing,
      },
      'ok',
    ],
    [
      'a temporary disk a byte short',
      {
        needs,
        directories: [directory('temp', 'ssd', 199), directory('destination', 'farm', 100)],
        inFlight: [],
        givenBack: nothing,
      },
      'temp_full',
    ],
    [
      'a destination a byte short',
      {
        needs,
        directories: [directory('temp', 'ssd', 200), directory('destination', 'farm', 99)],
        inFlight: [],
        givenBack: nothing,
      },
      'dest_full',
    ],
    [
      'both a byte short: the gate of temporary directories comes first',
      {
        needs,
        directories: [directory('temp', 'ssd', 199), directory('destination', 'farm', 99)],
        inFlight: [],
        givenBack: nothing,
      },
      'temp_full',
    ],
    [
      'one disk for both with just enough',
      {
        needs: shared,
        directories: [directory('temp', 'one', 300), directory('destination', 'one', 300)],
        inFlight: [],
        givenBack: nothing,
      },
      'ok',
    ],
    [
      'one disk for both with enough for each, not for both',
      {
        needs: shared,
        directories: [directory('temp', 'one', 250), directory('destination', 'one', 250)],
        inFlight: [],
        givenBack: nothing,
      },
      'temp_full',
    ],
    [
      'what workers in flight will still take',
      {
        needs,
        directories: [directory('temp', 'ssd', 200), directory('destination', 'farm', 199)],
        inFlight: [claim('destination', 'farm', 100)],
        givenBack: nothing,
      },
      'dest_full',
    ],
    [
      'workers in flight on another disk',
      {
        needs,
        directories: [directory('temp', 'ssd', 200), directory('destination', 'farm', 100)],
        inFlight: [claim('destination', 'other', 100)],
        givenBack: nothing,
      },
      'ok',
    ],
    [
      'what replotting gives back',
      {
        needs,
        directories: [directory('temp', 'ssd', 200), directory('destination', 'farm', 0)],
        inFlight: [],
        givenBack: { device: 'farm', bytes: 100 },
      },
      'ok',
    ],
    [
      'what replotting gives back on another disk',
      {
        needs,
        directories: [directory('temp', 'ssd', 200), directory('destination', 'farm', 0)],
        inFlight: [],
        givenBack: { device: 'other', bytes: 100 },
      },
      'dest_full',
    ],
    [
      'needs that are not known',
      {
        needs: [],
        directories: [directory('temp', 'ssd', 0), directory('destination', 'farm', 0)],
        inFlight: [claim('temp', 'ssd', 5)],
        givenBack: nothing,
      },
      'ok',
    ],
  ];
  it.each(cases)('%s', (_name, room, verdict) => {
    expect(checkRoom(room)).toBe(verdict);
  });
});

describe('what a worker in flight will still take', () => {
  const claims = [claim('temp', 'ssd', 200), claim('temp', 'nvme', 50), claim('destination', 'farm', 100)];
  const cases: [string, number, number, number, number[]][] = [
    ['all of it at first', 0, 0, 1, [200, 50, 100]],
    ['less what it has taken, shared out', 125, 0, 2, [100, 25, 100]],
    ['never less than nothing', 999, 999, 3, [0, 0, 0]],
    ['no more temporary space from phase 4 on', 10, 40, 4, [0, 0, 60]],
  ];
  it.each(cases)('%s', (_name, temp_bytes, plot_bytes, phase, expected) => {
    const last = planOf(smallPlotter()).lastIndexOf(String(phase));
    const left = remainingRoom(claims, { temp_bytes, plot_bytes }, mayGrowIn(smallPlotter(), last));
    expect(left.map(({ bytes }) => bytes)).toEqual(expected);
  });
});

describe('room for starts of the engine', () => {
  /** The farm disk has this many bytes; the temporary one has plenty. */
  function destinationWith(bench: Bench, free_bytes: number): void {
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes });
  }

  it('reserves for workers that start in the same step', () => {
    const bench = new Bench({ nightly: { max_workers: 9 } });
    destinationWith(bench, 350);
    expect(bench.start('nightly', 9)).toHaveLength(3);
  });

  it('reserves for workers of other jobs on the same file system', () => {
    const bench = new Bench({ nightly: { max_workers: 9 }, other: { arguments: { dest_dir: '/dest/sub' } } });
    destinationWith(bench, 250);
    bench.farm.disks.set('/dest/sub', { device: 'farm', free_bytes: 250 });
    bench.start('other');
    expect(bench.start('nightly', 9)).toHaveLength(1);
  });

  it('counts what workers in flight have taken already once', () => {
    const bench = new Bench({ nightly: { max_workers: 9 } });
    destinationWith(bench, 1000);
    const worker = bench.startOne();
    // 60 of its 100 bytes are written: 140 free are 100 for the next one and 40 for this one.
    destinationWith(bench, 140);
    bench.farm.used.set(worker.id, { temp_bytes: 0, plot_bytes: 60 });
    expect(bench.start('nightly', 9)).toHaveLength(1);
  });

  it('reserves nothing for a plot that is made, wherever a post-command has moved it', () => {
    const bench = new Bench({ nightly: { max_workers: 2, post_command: 'mv %plot% /mnt' } });
    destinationWith(bench, 100);
    bench.exit(bench.startOne());
    expect(bench.workers()[0]?.step).toBe('post');
    expect(bench.start()).toHaveLength(1);
  });

  it('takes temporary and final space of one disk together', () => {
    const bench = new Bench({ nightly: { max_workers: 9 } });
    for (const path of ['/tmp1', '/dest']) bench.farm.disks.set(path, { device: 'one', free_bytes: 800 });
    expect(bench.start('nightly', 9)).toHaveLength(2);
  });

  it('shares temporary space out over two directories', () => {
    const bench = new Bench({ nightly: { max_workers: 9, arguments: { temp2_dir: '/tmp2' } } });
    bench.farm.disks.set('/tmp2', { device: 'nvme', free_bytes: 149 });
    expect(bench.start('nightly', 9)).toHaveLength(2);
  });

  it('starts without a look where check_space is false, or needs are not known', () => {
    const bench = new Bench({ nightly: { check_space: false }, small: { arguments: { k: 18 } } });
    destinationWith(bench, 0);
    expect(bench.start('nightly')).toHaveLength(1);
    expect(bench.start('small')).toHaveLength(1);
  });

  it('counts plots that replotting will remove as free, each for one worker', () => {
    const bench = new Bench({ nightly: { max_workers: 9, replot: { before: '2026-01-01T00:00:00Z' } } });
    destinationWith(bench, 0);
    bench.farm.oldPlots.push({ file: '/dest/a.plot', size: 100 }, { file: '/dest/b.plot', size: 100 });
    bench.hold('replot_find');
    expect(bench.start('nightly', 9)).toHaveLength(2);
    expect(bench.start('nightly', 1)).toHaveLength(0);
  });

  it('sees that an old plot ends the block of a job that wants nothing now', () => {
    const bench = new Bench({ nightly: { replot: { before: '2026-01-01T00:00:00Z' } } });
    destinationWith(bench, 0);
    bench.start();
    expect(bench.job().blocked).toBe('dest_full');
    bench.farm.oldPlots.push({ file: '/dest/a.plot', size: 100 });
    bench.pass(31_000);
    expect(bench.job().blocked).toBe('none');
  });

  it('says which disk is full, and tells it once', () => {
    const bench = new Bench({ nightly: { starts: [{ on: 'go' }] } });
    bench.farm.disks.set('/tmp1', { device: 'ssd', free_bytes: 10 });
    bench.command({ type: 'fire', name: 'go' });
    bench.pass(120_000);
    expect(bench.of('job_blocked').map(({ reason }) => reason)).toEqual(['temp_full']);
    expect(bench.job().last_error).toMatch(/\/tmp1 \(a plot takes 0\.3 kB, 0\.0 kB are free\)/);
    bench.farm.disks.set('/tmp1', {});
    destinationWith(bench, 10);
    bench.pass(31_000);
    expect(bench.of('job_blocked').map(({ reason }) => reason)).toEqual(['temp_full', 'dest_full']);
  });
});
