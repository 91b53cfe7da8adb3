import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TestDaemon } from '../../support/e2e/daemon.ts';
import { CAN_MOUNT_EXT4, mountExt4 } from '../support/ext4.ts';
import { fill } from '../support/fill.ts';
import { preparePlotting } from '../support/plotting.ts';
import { CAN_MOUNT, mountDisk } from '../support/tmpfs.ts';
import { moversOf } from './mover-processes.ts';

/** Plots of 300 MB: their moves last long enough to do something meanwhile. */
const LARGE =
  'head -c 300000000 /dev/zero >"$dest/$name.plot"; echo "plot $name"; echo "final $dest/$name.plot"\n';
const SMALL =
  'head -c 3000000 /dev/urandom >"$dest/$name.plot"; echo "plot $name"; echo "final $dest/$name.plot"\n';

/** A daemon with a job whose plots go from `plots` to `farm*`, not started yet. */
async function prepare(script: string, move: Record<string, unknown> = {}): Promise<TestDaemon> {
  const moves = { farm: { from: 'plots', to: 'farm*', choose: 'in_order', ...move } };
  return preparePlotting(script, {}, { broker: 'mosquitto' }, { moves });
}

const plotsIn = (daemon: TestDaemon, name: string) =>
  readdirSync(daemon.path(name)).filter((file) => file.startsWith('plot-'));

function sumOf(file: string): string {
  return createHash('sha1').update(readFileSync(file)).digest('hex');
}

async function makePlot(daemon: TestDaemon, count = 1): Promise<string> {
  await daemon.bus.command('job/job/do/start');
  const { plot } = await daemon.bus.event('worker_end', { result: 'done' }, count);
  return String(plot);
}

/** Waits until the mover writes its copy, and has it stand still there; what is returned lets it go on. */
async function inMidCopy(daemon: TestDaemon, place: string): Promise<() => void> {
  const tmp = () => plotsIn(daemon, place).find((name) => name.endsWith('.tmp'));
  await expect.poll(tmp, { interval: 2 }).toBeDefined();
  const [mover = 0] = moversOf(daemon.dir).programs;
  process.kill(mover, 'SIGSTOP');
  expect(tmp()).toBeDefined();
  return () => process.kill(mover, 'SIGCONT');
}

describe.skipIf(!CAN_MOUNT)('a disk', () => {
  test('that is not mounted when the daemon and its mover come up again gets nothing under its name', async () => {
    const daemon = await prepare(LARGE, { to: 'farm*/kept' });
    // Below the mount point somebody has made the same directory on the system's disk.
    mkdirSync(daemon.path('farm1', 'kept'), { recursive: true });
    const disk = mountDisk(daemon.path('farm1'), '1g');
    mkdirSync(join(disk.path, 'kept'));
    await daemon.start();
    const plot = await makePlot(daemon);
    await inMidCopy(daemon, 'farm1/kept');
    const [mover = 0] = moversOf(daemon.dir).programs;
    await daemon.kill();
    process.kill(mover, 'SIGKILL');
    disk.unmount();
    await daemon.start();
    const { error } = await daemon.bus.event('move_failed');
    expect(error).toMatch(/farm1\/kept is not mounted/);
    expect(plotsIn(daemon, 'farm1/kept')).toEqual([]);
    expect(existsSync(plot)).toBe(true);
    const again = mountDisk(daemon.path('farm1'), '1g');
    mkdirSync(join(again.path, 'kept'));
    await daemon.bus.command('move/farm/set/enabled', 'ON');
    await daemon.bus.event('move_finished');
    expect(plotsIn(daemon, 'farm1/kept')).toHaveLength(1);
    expect(existsSync(plot)).toBe(false);
  });

  test('that is pulled while a plot is copied to it costs no plot, which goes to another', async () => {
    const daemon = await prepare(LARGE, { to: 'farm*/kept' });
    const disks = ['farm1', 'farm2'].map((name) => mountDisk(daemon.path(name), '1g'));
    for (const { path } of disks) mkdirSync(join(path, 'kept'));
    await daemon.start();
    await makePlot(daemon);
    const goOn = await inMidCopy(daemon, 'farm1/kept');
    disks[0]?.unmount();
    goOn();
    const told = await daemon.bus.event('move_failed');
    expect(told).toMatchObject({ attempt: 1, to: daemon.path('farm1', 'kept'), move: 'farm' });
    await daemon.bus.shows('move/farm', { failures: 1, last_error: told.error });
    const { plot } = await daemon.bus.event('move_finished');
    expect(plot).toMatch(daemon.path('farm2', 'kept'));
    expect(statSync(String(plot)).size).toBe(300_000_000);
    expect(plotsIn(daemon, 'plots')).toEqual([]);
  });

  test('that is filled by others while a plot is copied to it costs no plot', async () => {
    const daemon = await prepare(LARGE);
    mountDisk(daemon.path('farm1'), '400m');
    await daemon.start();
    await makePlot(daemon);
    const goOn = await inMidCopy(daemon, 'farm1');
    fill(daemon.path('farm1', 'ballast'));
    goOn();
    const told = await daemon.bus.event('move_failed');
    expect(told.error).toMatch('ENOSPC');
    expect(plotsIn(daemon, 'farm1')).toEqual([]);
    expect(plotsIn(daemon, 'plots')).toHaveLength(1);
    await daemon.bus.shows('move/farm', {
      state: 'waiting',
      waiting_text: '1 file waits, 1 has failed and is tried again',
    });
    await daemon.bus.shows('move/farm', { state: 'waiting', waiting_for: 'dest_full' });
    rmSync(daemon.path('farm1', 'ballast'));
    await daemon.bus.event('move_finished');
    expect(plotsIn(daemon, 'farm1')).toHaveLength(1);
  });

  test('that is too full from the start is waited for, and said', async () => {
    const daemon = await prepare(SMALL);
    mountDisk(daemon.path('farm1'), '2m');
    await daemon.start();
    await makePlot(daemon);
    const { waiting_text } = await daemon.bus.shows('move/farm', {
      state: 'waiting',
      waiting_for: 'dest_full',
    });
    expect(waiting_text).toMatch(daemon.path('farm1'));
    mountDisk(daemon.path('farm2'), '9m');
    await daemon.bus.event('move_finished');
    expect(plotsIn(daemon, 'farm2')).toHaveLength(1);
  });

  test('plots that stand still are suspended, and go on where they were, over a restart too', async () => {
    const daemon = await prepare(LARGE);
    mountDisk(daemon.path('farm1'), '1g');
    await daemon.start();
    await makePlot(daemon);
    (await inMidCopy(daemon, 'farm1'))();
    await daemon.bus.command('move/farm/set/paused', 'ON');
    const [mover = 0] = moversOf(daemon.dir).programs;
    const state = () => /^State:\s+(\w)/m.exec(readFileSync(`/proc/${mover}/status`, 'utf8'))?.[1];
    await expect.poll(state).toBe('T');
    await daemon.bus.shows('move/farm', { state: 'paused', paused: true });
    await daemon.restart();
    await daemon.bus.shows('move/farm', { state: 'paused', paused: true });
    expect(state()).toBe('T');
    await daemon.bus.command('move/farm/set/paused', 'OFF');
    await daemon.bus.event('move_finished');
    expect(daemon.bus.events({ type: 'move_started' })).toHaveLength(1);
    expect(plotsIn(daemon, 'farm1')).toEqual([expect.stringMatching(/\.plot$/)]);
  });

  test('do/stop leaves nothing of a copy, and drain released begins it again', async () => {
    const daemon = await prepare(LARGE);
    mountDisk(daemon.path('farm1'), '1g');
    await daemon.start();
    await makePlot(daemon);
    (await inMidCopy(daemon, 'farm1'))();
    expect(await daemon.bus.command('farm/do/stop')).toMatchObject({ status: 'ok' });
    expect(plotsIn(daemon, 'farm1')).toEqual([]);
    expect(moversOf(daemon.dir)).toEqual({ programs: [], shells: [] });
    await daemon.bus.event('farm_drained');
    await daemon.bus.shows('farm', { drained: true, moves: 0 });
    await daemon.bus.command('farm/hold/drain', 'OFF');
    await daemon.bus.event('move_finished');
    expect(daemon.bus.events({ type: 'move_failed' })).toEqual([]);
  });

  test('a daemon that is away while a mover ends finds and tells that once', async () => {
    const daemon = await prepare(LARGE);
    mountDisk(daemon.path('farm1'), '1g');
    await daemon.start();
    await makePlot(daemon);
    const goOn = await inMidCopy(daemon, 'farm1');
    await daemon.stop();
    goOn();
    await expect.poll(() => moversOf(daemon.dir).shells).toEqual([]);
    expect(plotsIn(daemon, 'farm1')).toEqual([expect.stringMatching(/\.plot$/)]);
    await daemon.start();
    await daemon.bus.event('move_finished');
    await daemon.restart();
    await daemon.bus.shows('move/farm', { state: 'idle', moved: 1 });
    expect(daemon.bus.events({ type: 'move_finished' })).toHaveLength(1);
    await expect.poll(() => readdirSync(daemon.path('data', 'moves'))).toEqual([]);
  });

  test('a data_dir that was moved while a mover lives is refused, with the path at which it was', async () => {
    const daemon = await prepare(LARGE);
    mountDisk(daemon.path('farm1'), '1g');
    await daemon.start();
    await makePlot(daemon);
    const goOn = await inMidCopy(daemon, 'farm1');
    await daemon.stop();
    const [was, is] = [daemon.path('data'), daemon.path('moved')];
    renameSync(was, is);
    const config: Record<string, unknown> = JSON.parse(readFileSync(daemon.configFile, 'utf8'));
    writeFileSync(daemon.configFile, JSON.stringify({ ...config, data_dir: is }));
    const { code, stdout, stderr } = await daemon.run(['run', '--config', daemon.configFile]);
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(`data_dir was moved from ${was} to ${is} while move farm-`);
    symlinkSync(is, was);
    await daemon.start();
    goOn();
    await daemon.bus.event('move_finished');
    expect(plotsIn(daemon, 'farm1')).toHaveLength(1);
  });

  test('a file of its name that is another plot is never overwritten', async () => {
    const daemon = await prepare(SMALL, { enabled: false });
    mountDisk(daemon.path('farm1'), '20m');
    await daemon.start();
    const plot = await makePlot(daemon);
    const other = plot.replace(daemon.path('plots'), daemon.path('farm1'));
    writeFileSync(other, 'another');
    await daemon.bus.command('move/farm/set/enabled', 'ON');
    const told = await daemon.bus.event('move_failed');
    expect(told.error).toMatch(other);
    expect(readFileSync(other, 'utf8')).toBe('another');
    writeFileSync(other, readFileSync(plot));
    const before = sumOf(plot);
    await daemon.bus.command('move/farm/set/enabled', 'ON');
    await daemon.bus.event('move_finished', { plot: other });
    expect(existsSync(plot)).toBe(false);
    expect(sumOf(other)).toBe(before);
  });

  test('a job’s history and last plot follow it', async () => {
    const daemon = await prepare(SMALL);
    mountDisk(daemon.path('farm1'), '20m');
    await daemon.start();
    const plot = await makePlot(daemon);
    const { plot: moved, worker } = await daemon.bus.event('move_finished');
    expect(moved).toBe(plot.replace(daemon.path('plots'), daemon.path('farm1')));
    await daemon.bus.shows('job/job', { last_plot: moved, plots_done: 1 });
    const answer = await daemon.bus.command('bridge/request/history', 'job');
    expect(answer).toMatchObject({ data: { total: 1, plots: [{ worker, plot: moved, result: 'done' }] } });
  });
});

test.skipIf(!CAN_MOUNT_EXT4)('a disk that fails for good costs no plot', async () => {
  const daemon = await prepare(SMALL);
  const disk = mountExt4(daemon.path('farm1'));
  mountDisk(daemon.path('farm2'), '20m');
  await daemon.start();
  await daemon.bus.command('move/farm/set/paused', 'ON');
  const plot = await makePlot(daemon);
  const before = sumOf(plot);
  disk.abort();
  await daemon.bus.command('move/farm/set/paused', 'OFF');
  const { plot: moved } = await daemon.bus.event('move_finished');
  expect(moved).toBe(join(daemon.path('farm2'), plot.slice(plot.lastIndexOf('/') + 1)));
  expect(sumOf(String(moved))).toBe(before);
});
