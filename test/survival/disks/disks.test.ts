import { chmodSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { prepareDaemon, startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { allow, STEPPING_JOB } from '../../support/e2e/plotters.ts';
import { fill } from '../support/fill.ts';
import { shellPlotter } from '../support/shell-plotter.ts';
import { CAN_MOUNT, mountDisk } from '../support/tmpfs.ts';

/** Plots of 200 KiB, one after the other, on the disks `tmp` and `plots`. */
const SCRIPT = `temp=$2 dest=$4
name=plot-k18-2026-01-01-00-00-$PLOT2MQTT_WORKER
echo "plot $name"
echo "stage 1"
head -c 204800 /dev/zero >"$temp/$name.tmp" || { echo "error: no room in $temp"; exit 1; }
echo "stage 2"
cp "$temp/$name.tmp" "$dest/$name.plot" || { rm -f "$dest/$name.plot"; echo "error: no room in $dest"; exit 1; }
echo "final $dest/$name.plot"
`;

const ROOM = { plot: 204_800, temp: { temp_dir: 204_800 } };

function jobs(daemon: TestDaemon, job: Record<string, unknown> = {}) {
  const { pause: _pause, fail_every: _fail, ...directories } = shellPlotter(daemon.dir, SCRIPT).arguments;
  const size = { type: 'integer', default: 18 };
  return {
    plotters: {
      small: {
        ...shellPlotter(daemon.dir, SCRIPT),
        arguments: { ...directories, size },
        size_argument: 'size',
        space: { '18': ROOM },
      },
    },
    jobs: {
      job: {
        plotter: 'small',
        arguments: { temp_dir: 'tmp', dest_dir: 'plots' },
        events: [{ fire: 'next', on: 'worker_end' }],
        starts: [{ on: 'next' }],
        ...job,
      },
    },
  };
}

async function prepared(job: Record<string, unknown> = {}): Promise<TestDaemon> {
  const daemon = await prepareDaemon();
  await daemon.configure(jobs(daemon, job));
  return daemon;
}

test.skipIf(!CAN_MOUNT)(
  'destination full: blocked before a plot is begun, on again when there is room',
  async () => {
    const daemon = await prepared();
    mountDisk(daemon.path('plots'), '1m');
    const { bus } = await daemon.start();
    await bus.command('job/job/do/start');
    const blocked = await bus.shows('job/job', { state: 'blocked', blocked_reason: 'dest_full', pending: 1 });
    expect(blocked.last_error).toContain(daemon.path('plots'));
    const plots = await readdir(daemon.path('plots'));
    expect(plots.length).toBe(blocked.plots_done);
    expect(blocked.failures).toBe(0);
    for (const plot of plots) rmSync(daemon.path('plots', plot));
    // It looks again every 30 s; who doesn't want to wait starts by hand.
    expect(await bus.command('job/job/do/start')).toMatchObject({ status: 'ok' });
    await bus.event('job_unblocked');
  },
);

test.skipIf(!CAN_MOUNT)('temporary disk full: blocked by temp_full', async () => {
  const daemon = await prepared();
  const disk = mountDisk(daemon.path('tmp'), '128k');
  const { bus } = await daemon.start();
  expect(await bus.command('job/job/do/start')).toMatchObject({ error: { code: 'no_space' } });
  await bus.shows('job/job', { blocked_reason: 'temp_full' });
  disk.remount('size=1m');
  expect(await bus.command('job/job/do/start')).toMatchObject({ status: 'ok' });
  await bus.event('worker_end', { result: 'done' });
});

test.skipIf(!CAN_MOUNT)(
  'a disk that fills while a plotter writes: the worker says so, and its files go',
  async () => {
    const daemon = await prepared({ check_space: false, max_failures: 2 });
    mountDisk(daemon.path('tmp'), '128k');
    const { bus } = await daemon.start();
    await bus.command('job/job/do/start');
    const failed = await bus.event('worker_failed');
    expect(failed.error).toContain('no room in');
    await bus.shows('job/job', { state: 'blocked', blocked_reason: 'failing', failures: 2, workers: 0 });
    expect(await readdir(daemon.path('tmp'))).toEqual([]);
  },
);

test.skipIf(!CAN_MOUNT)(
  'data disk full: the end of a plotter is written, what comes next waits, nothing is lost, it goes on by itself',
  async () => {
    const daemon = await prepareDaemon();
    await daemon.configure({
      jobs: { job: { ...STEPPING_JOB, save_logs: true, post_command: 'echo $PLOT2MQTT_WORKER >>post.txt' } },
    });
    const disk = mountDisk(daemon.path('data'), '2m');
    chmodSync(disk.path, 0o700);
    const { bus } = await daemon.start();
    await bus.command('job/job/do/start');
    // From here on the plot has a name; what the plotter says later is lost.
    await bus.event('stage_started', { stage: '1.7' });
    fill(daemon.path('data', 'ballast'));
    await allow(daemon, 'all');
    await expect.poll(() => daemon.said.join('\n')).toContain("can't be written down");
    await expect
      .poll(async () => (await readdir(daemon.path('plots'))).filter((name) => name.endsWith('.plot')).length)
      .toBe(1);
    await bus.event('plotter_finished', { exit_code: 0 });
    expect(await daemon.lines('post.txt')).toEqual([]);
    rmSync(daemon.path('data', 'ballast'));
    await bus.event('worker_end', { result: 'done' });
    await bus.shows('bridge/stats', { plots_done: 1, workers: 0 });
    expect(await daemon.lines('post.txt')).toHaveLength(1);
    expect(await daemon.lines('data', 'history.jsonl')).toHaveLength(1);
    const numbers = bus.events().map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  },
);

test.skipIf(!CAN_MOUNT)('killed with the data disk full: the plot counts once there is room', async () => {
  // What a daemon tells first, an embedded broker has nobody to tell to yet.
  const daemon = await prepareDaemon({ broker: 'mosquitto' });
  await daemon.configure({ jobs: { job: STEPPING_JOB } });
  const disk = mountDisk(daemon.path('data'), '2m');
  chmodSync(disk.path, 0o700);
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  // From here on the plot has a name; what the plotter says later is lost.
  await bus.event('stage_started', { stage: '1.7' });
  fill(daemon.path('data', 'ballast'));
  await allow(daemon, 'all');
  await expect.poll(() => daemon.said.join('\n')).toContain("can't be written down");
  await daemon.kill();
  daemon.launch();
  await expect
    .poll(async () => (await readdir(daemon.path('plots'))).filter((name) => name.endsWith('.plot')).length)
    .toBe(1);
  rmSync(daemon.path('data', 'ballast'));
  // Where it could not even start, the service manager starts it again.
  if (daemon.alive().every(({ command }) => !command.includes('main.js run'))) await daemon.start();
  await bus.event('worker_end', { result: 'done' });
  await bus.shows('bridge/stats', { plots_done: 1, workers: 0 });
});

test.skipIf(!CAN_MOUNT)('destination read-only: blocked by missing_directory, then on again', async () => {
  const daemon = await prepared();
  const disk = mountDisk(daemon.path('plots'), '1m');
  disk.remount('ro');
  const { bus } = await daemon.start();
  const refused = await bus.command('job/job/do/start');
  expect(refused).toMatchObject({ error: { code: 'missing_directory', path: 'dest_dir' } });
  expect(refused.error?.message).toContain("can't be written to");
  await bus.shows('job/job', { blocked_reason: 'missing_directory' });
  disk.remount('rw');
  expect(await bus.command('job/job/do/start')).toMatchObject({ status: 'ok' });
  await bus.event('worker_end', { result: 'done' });
});

test.skipIf(!CAN_MOUNT)(
  'a disk pulled while a plotter writes on it: the worker fails, the next one waits for the disk',
  async () => {
    const daemon = await prepareDaemon();
    const next = { events: [{ fire: 'next', on: 'worker_end' }], starts: [{ on: 'next' }] };
    await daemon.configure({
      jobs: { job: { ...STEPPING_JOB, ...next, arguments: { temp_dir: 'disk/tmp' } } },
    });
    const disk = mountDisk(daemon.path('disk'), '4m');
    await mkdir(daemon.path('disk', 'tmp'));
    const { bus } = await daemon.start();
    await bus.command('job/job/do/start');
    await bus.event('plotter_started');
    disk.unmount();
    await bus.command('job/job/do/dismiss');
    const refused = await bus.command('job/job/do/start');
    expect(refused).toMatchObject({ error: { code: 'missing_directory' } });
    await bus.shows('job/job', { state: 'blocked', blocked_reason: 'missing_directory', workers: 0 });
    disk.mount();
    await mkdir(daemon.path('disk', 'tmp'));
    await allow(daemon, 'all');
    expect(await bus.command('job/job/do/start')).toMatchObject({ status: 'ok' });
    await bus.event('worker_end', { result: 'done' });
  },
);

test('data directory gone: nothing is lost as long as the daemon lives, and it says so', async () => {
  const daemon = await startDaemon({ config: { jobs: { job: STEPPING_JOB } } });
  const { bus } = daemon;
  await bus.command('job/job/do/start');
  await bus.event('plotter_started');
  renameSync(daemon.path('data'), daemon.path('gone'));
  await allow(daemon, 'all');
  await expect
    .poll(async () => (await readdir(daemon.path('plots'))).filter((name) => name.endsWith('.plot')).length)
    .toBe(1);
  expect(await bus.command('bridge/request/job/list', {})).toMatchObject({ status: 'ok' });
  renameSync(daemon.path('gone'), daemon.path('data'));
  await bus.event('worker_end');
  await bus.shows('bridge/stats', { workers: 0 });
});

test("the plotter's log truncated and rotated under us", async () => {
  const daemon = await startDaemon({ config: { jobs: { job: STEPPING_JOB } } });
  const { bus } = daemon;
  await bus.command('job/job/do/start');
  await bus.event('stage_started', { stage: '1.7' });
  const [worker = ''] = await readdir(daemon.path('data', 'workers'));
  const log = daemon.path('data', 'workers', worker, 'plotter.log');
  truncateSync(log, 0);
  await allow(daemon, 1);
  await bus.event('stage_started', { stage: '2' });
  // Rotated by renaming, the plotter writes on in the old one; by copying and truncating, in this one.
  renameSync(log, `${log}.1`);
  writeFileSync(log, '');
  await allow(daemon, 'all');
  const end = await bus.event('worker_end');
  expect(end).toMatchObject({ result: 'done' });
  const stages = bus.events({ type: 'stage_started' }).map(({ stage }) => stage);
  expect(new Set(stages).size).toBe(stages.length);
  expect(stages.at(-1)).toBe('5');
});

test('permission denied: other account, directories that are not its own', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root can become another account');
  const daemon = await prepared();
  chmodSync(daemon.path('plots'), 0o755);
  const { chownSync } = await import('node:fs');
  for (const name of ['', 'tmp', 'config.yaml']) chownSync(join(daemon.dir, name), 65534, 65534);
  chmodSync(dirname(inject('program')), 0o755);
  daemon.through = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
  const { bus } = await daemon.start();
  const refused = await bus.command('job/job/do/start');
  expect(refused).toMatchObject({ error: { code: 'missing_directory', path: 'dest_dir' } });
  chownSync(daemon.path('plots'), 65534, 65534);
  expect(await bus.command('job/job/do/start')).toMatchObject({ status: 'ok' });
  await bus.event('worker_end', { result: 'done' });
});
