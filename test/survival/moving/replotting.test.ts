import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { TestDaemon } from '../../support/e2e/daemon.ts';
import { preparePlotting } from '../support/plotting.ts';
import { rounds } from '../support/size.ts';
import { CAN_MOUNT, type Disk, mountDisk } from '../support/tmpfs.ts';
import { kill, moversOf } from './mover-processes.ts';

const BEFORE = '2022-01-01T00:00:00Z';
const MB = 1_000_000;
const PAGE = 4096;
/** New plots are as large as three old ones. */
const PLOT =
  'head -c 3000000 /dev/urandom >"$dest/$name.plot"; echo "plot $name"; echo "final $dest/$name.plot"\n';
const named = (number: number) => `plot-k32-2021-01-01-00-00-${String(number).padStart(3, '0')}.plot`;

/** A daemon whose plots of 3 MB go from `plots` to `farm*`, for old ones of 1 MB; not started yet. */
async function prepare(
  replot: Record<string, unknown> = {},
  { move = {}, more = {} }: { move?: Record<string, unknown>; more?: Record<string, unknown> } = {},
): Promise<TestDaemon> {
  const moves = { farm: { from: 'plots', to: 'farm*', replot: { before: BEFORE, ...replot }, ...move } };
  return preparePlotting(PLOT, { check_space: false }, { broker: 'mosquitto' }, { moves, ...more });
}

/** A disk that is full of old plots but for half of one. */
function fullDisk(path: string, plots: number): Disk {
  // A file takes whole pages.
  const each = Math.ceil(MB / PAGE) * PAGE;
  const disk = mountDisk(path, `${Math.floor((plots * each + MB / 2) / 1024)}k`);
  for (let number = 0; number < plots; number += 1)
    writeFileSync(join(path, named(number)), Buffer.alloc(MB, 1));
  return disk;
}

const plotsIn = (daemon: TestDaemon, name: string) => readdirSync(daemon.path(name)).sort();
const oldIn = (daemon: TestDaemon, name: string) =>
  plotsIn(daemon, name).filter((file) => file.startsWith('plot-k32-2021'));
const removed = (daemon: TestDaemon) =>
  daemon.bus.events({ type: 'replot_removed' }).map(({ file }) => String(file));
const first = (daemon: TestDaemon, count: number, name = 'farm1') =>
  Array.from({ length: count }, (_, number) => daemon.path(name, named(number)));

async function makePlot(daemon: TestDaemon, count = 1): Promise<void> {
  await daemon.bus.command('job/job/do/start');
  await daemon.bus.event('worker_end', { result: 'done' }, count);
}

describe.skipIf(!CAN_MOUNT)('a move that replots', () => {
  test('removes on a full disk as many as each plot needs, when it is whole, and tells it', async () => {
    const daemon = await prepare();
    fullDisk(daemon.path('farm1'), 9);
    await daemon.start();
    await daemon.bus.command('move/farm/set/paused', 'ON');
    await makePlot(daemon);
    await daemon.bus.shows('move/farm', { state: 'paused', queue: 1 });
    expect(oldIn(daemon, 'farm1')).toHaveLength(9);
    await daemon.bus.command('move/farm/set/paused', 'OFF');
    await daemon.bus.event('move_finished');
    // Half of one is free: three are as large as what it lacks.
    expect(removed(daemon)).toEqual(first(daemon, 3));
    expect(daemon.bus.events({ type: 'replot_removed' })[0]).toMatchObject({ move: 'farm', job: 'job' });
    await makePlot(daemon, 2);
    await daemon.bus.event('move_finished', {}, 2);
    expect(removed(daemon)).toEqual(first(daemon, 6));
    expect(plotsIn(daemon, 'plots')).toEqual([]);
    expect(plotsIn(daemon, 'farm1')).toHaveLength(5);
    expect(
      daemon.said.some((line) => /the old plot .* was removed, a new one takes its place/.test(line)),
    ).toBe(true);
  });

  test('takes free room first, and removes nothing where all that may go are not enough', async () => {
    const daemon = await prepare({ max_per_plot: 2 });
    fullDisk(daemon.path('farm1'), 9);
    await daemon.start();
    await makePlot(daemon);
    const { waiting_text } = await daemon.bus.shows('move/farm', { waiting_for: 'dest_full' });
    expect(waiting_text).toMatch(/the old plots that may go would not make it/);
    expect(oldIn(daemon, 'farm1')).toHaveLength(9);
    mountDisk(daemon.path('farm2'), '4m');
    await daemon.bus.event('move_finished');
    expect(plotsIn(daemon, 'farm2')).toHaveLength(1);
    expect(removed(daemon)).toEqual([]);
  });

  test('in a dry run removes nothing and tells what would go, once', async () => {
    const daemon = await prepare({ dry_run: true });
    fullDisk(daemon.path('farm1'), 9);
    await daemon.start();
    await makePlot(daemon);
    await daemon.bus.event('replot_would_remove', {}, 3);
    await daemon.restart();
    await daemon.bus.shows('move/farm', { waiting_for: 'dest_full', queue: 1 });
    expect(daemon.bus.events({ type: 'replot_would_remove' }).map(({ file }) => file)).toEqual(
      first(daemon, 3),
    );
    expect(oldIn(daemon, 'farm1')).toHaveLength(9);
  });

  test('removes nothing on a disk that is read-only or not mounted', async () => {
    const daemon = await prepare({}, { more: { disks: [{ match: 'farm1', mounted: true }] } });
    const disk = fullDisk(daemon.path('farm1'), 9);
    await daemon.start();
    disk.remount('ro');
    await makePlot(daemon);
    await daemon.bus.shows('move/farm', { waiting_for: 'missing_directory' });
    disk.unmount();
    // What lies below is another disk's.
    writeFileSync(daemon.path('farm1', named(1)), 'below');
    await sleep(1500);
    await daemon.bus.command('move/farm/set/enabled', 'ON');
    await daemon.bus.shows('move/farm', { waiting_for: 'missing_directory' });
    expect(removed(daemon)).toEqual([]);
    expect(plotsIn(daemon, 'farm1')).toEqual([named(1)]);
  });

  test('removes nothing for a plot that can’t be removed where it is, or is in its place already', async () => {
    const daemon = await prepare();
    const stage = mountDisk(daemon.path('plots'), '9m');
    fullDisk(daemon.path('farm1'), 9);
    await daemon.start();
    await daemon.bus.command('move/farm/set/paused', 'ON');
    await makePlot(daemon);
    stage.remount('ro');
    await daemon.bus.command('move/farm/set/paused', 'OFF');
    const { error } = await daemon.bus.event('move_failed');
    expect(error).toMatch(/can't be read, or not be removed where it is/);
    stage.remount('rw');
    // Somebody makes room for it by hand, and copies it.
    const [name = ''] = plotsIn(daemon, 'plots');
    for (const number of [5, 6, 7, 8]) rmSync(daemon.path('farm1', named(number)));
    copyFileSync(daemon.path('plots', name), daemon.path('farm1', name));
    writeFileSync(daemon.path('farm1', 'ballast'), Buffer.alloc(MB));
    await daemon.bus.command('move/farm/set/enabled', 'ON');
    await daemon.bus.event('move_finished');
    expect(removed(daemon)).toEqual([]);
    expect(oldIn(daemon, 'farm1')).toHaveLength(5);
    expect(plotsIn(daemon, 'plots')).toEqual([]);
  });

  test('leaves plots that wait to be moved, and what moves have brought', async () => {
    const daemon = await prepare({ dirs: ['plots', 'farm*'] });
    mkdirSync(daemon.path('plots'), { recursive: true });
    // Another program's, and old by its name: the rule would remove it itself.
    writeFileSync(daemon.path('plots', named(500)), Buffer.alloc(MB, 2));
    fullDisk(daemon.path('farm1'), 9);
    await daemon.start();
    await makePlot(daemon);
    const { plot } = await daemon.bus.event('move_finished');
    expect(statSync(String(plot)).size).toBe(3 * MB);
    expect(removed(daemon)).toEqual(first(daemon, 3));
    expect(plotsIn(daemon, 'plots')).toEqual([named(500)]);
  });

  test('killed at any moment, with its movers, removes for each plot what it needs and no more', {
    timeout: 3_600_000,
  }, async () => {
    const times = rounds(3, 60);
    const daemon = await prepare({}, { more: { disks: [{ match: 'farm*', max_moves: 2 }] } });
    fullDisk(daemon.path('farm1'), times * 3 + 4);
    await daemon.start();
    for (let round = 1; round <= times; round += 1) {
      await daemon.bus.command('job/job/do/start');
      await daemon.bus.event('replot_removed', {}, (round - 1) * 3 + (round % 3) + 1);
      if (round % 2 === 0) kill(...moversOf(daemon.dir).programs);
      await daemon.restart();
      await daemon.bus.event('move_finished', {}, round);
      await daemon.bus.event('worker_end', { result: 'done' }, round);
      expect(new Set(removed(daemon)).size).toBe(removed(daemon).length);
      expect(removed(daemon)).toEqual(first(daemon, round * 3));
      expect(oldIn(daemon, 'farm1')).toHaveLength((times - round) * 3 + 4);
    }
    expect(plotsIn(daemon, 'plots')).toEqual([]);
    expect(plotsIn(daemon, 'farm1').filter((name) => !name.endsWith('.plot'))).toEqual([]);
  });
});
