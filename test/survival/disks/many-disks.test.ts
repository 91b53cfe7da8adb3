import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { prepareDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { CAN_HANG, mountDeadDisk } from '../support/dead-disk.ts';
import { fill } from '../support/fill.ts';
import { shellPlotter } from '../support/shell-plotter.ts';
import { CAN_MOUNT, mountDisk } from '../support/tmpfs.ts';

/** A plot of 200 KiB; with a file `wait` beside config.yaml it waits until that is gone. */
const SCRIPT = `temp=$2 dest=$4
name=plot-k18-2026-01-01-00-00-$PLOT2MQTT_WORKER
echo "plot $name"
echo "stage 1"
while [ -e "$WAIT" ]; do sleep 0.05; done
head -c 204800 /dev/zero >"$temp/$name.tmp"
echo "stage 2"
cp "$temp/$name.tmp" "$dest/$name.plot"
echo "final $dest/$name.plot"
`;

const ROOM = { plot: 204_800, temp: { temp_dir: 204_800 } };

/** A daemon with one job that plots on these directories. */
async function prepared(
  job: Record<string, unknown>,
  config: Record<string, unknown> = {},
): Promise<TestDaemon> {
  const daemon = await prepareDaemon({ env: {} });
  const script = SCRIPT.replace('$WAIT', daemon.path('wait'));
  const { pause: _pause, fail_every: _fail, ...directories } = shellPlotter(daemon.dir, script).arguments;
  const size = { type: 'integer', default: 18 };
  await daemon.configure({
    plotters: {
      small: {
        ...shellPlotter(daemon.dir, script),
        arguments: { ...directories, size },
        size_argument: 'size',
        space: { '18': ROOM },
      },
    },
    jobs: { job: { plotter: 'small', max_workers: 0, ...job } },
    ...config,
  });
  return daemon;
}

/** Starts one by hand and says where it plots. */
async function start(daemon: TestDaemon): Promise<unknown> {
  const { bus } = daemon;
  const count = bus.events({ type: 'worker_started' }).length;
  const answer = await bus.command('job/job/do/start');
  if (answer.status !== 'ok') return answer.error?.code;
  await bus.event('worker_started', {}, count + 1);
  const started = bus.events({ type: 'worker_started' })[count];
  return shortened(daemon, started?.arguments);
}

function shortened(daemon: TestDaemon, values: unknown): string[] {
  if (typeof values !== 'object' || values === null) return [];
  const { temp_dir, dest_dir } = { temp_dir: '', dest_dir: '', ...values };
  return [temp_dir, dest_dir].map((path) => String(path).replace(`${daemon.dir}/`, ''));
}

const stateOf = (daemon: TestDaemon) => {
  const { disks } = daemon.bus.object('host');
  if (!Array.isArray(disks)) return {};
  return Object.fromEntries(
    disks.map(({ path, state }) => [String(path).replace(`${daemon.dir}/`, ''), state]),
  );
};

const plotsIn = (daemon: TestDaemon, dir: string) =>
  readdirSync(daemon.path(dir)).filter((name) => name.endsWith('.plot')).length;

test.skipIf(!CAN_MOUNT)(
  'a disk plugged in while it runs is used by the next start; one pulled out is left out and said, others go on, nothing is written beside it',
  async () => {
    const daemon = await prepared({ arguments: { dest_dir: ['farm/disk*/plots'], temp_dir: 'tmp' } });
    const first = mountDisk(daemon.path('farm/disk1'), '8m');
    mkdirSync(daemon.path('farm/disk1/plots'));
    await daemon.start();
    const { bus } = daemon;
    expect(await start(daemon)).toEqual(['tmp', 'farm/disk1/plots']);
    await bus.event('worker_end', { result: 'done' });

    mountDisk(daemon.path('farm/disk2'), '16m');
    mkdirSync(daemon.path('farm/disk2/plots'));
    expect(await start(daemon)).toEqual(['tmp', 'farm/disk2/plots']);
    await bus.event('worker_end', { result: 'done' }, 2);

    // Pulled out; what its mount point has below it is a directory of the system's disk.
    first.unmount();
    mkdirSync(daemon.path('farm/disk1/plots'));
    for (let plots = 0; plots < 3; plots += 1)
      expect(await start(daemon)).toEqual(['tmp', 'farm/disk2/plots']);
    await bus.event('worker_end', { result: 'done' }, 5);
    expect(plotsIn(daemon, 'farm/disk1/plots')).toBe(0);
    expect(plotsIn(daemon, 'farm/disk2/plots')).toBe(4);

    // Over a restart too, and said where people look.
    await daemon.restart();
    await bus.until(
      'the disk that is away',
      () => stateOf(daemon)['farm/disk1/plots'] === 'not_mounted' || undefined,
    );
    expect(stateOf(daemon)).toMatchObject({ tmp: 'ok', 'farm/disk2/plots': 'ok' });
    await bus.until('the problem of it', () => {
      const { problems } = bus.object('farm');
      return JSON.stringify(problems).includes('farm/disk1/plots is not mounted') || undefined;
    });
    rmSync(daemon.path('farm/disk1/plots'), { recursive: true });
    first.mount();
    mkdirSync(daemon.path('farm/disk1/plots'));
    first.remount('size=64m');
    expect(await start(daemon)).toEqual(['tmp', 'farm/disk1/plots']);
  },
);

test.skipIf(!CAN_MOUNT)(
  'a directory that a pattern has matched and that vanished stays missing until a reload',
  async () => {
    const daemon = await prepared({ arguments: { dest_dir: 'farm/disk*', temp_dir: 'tmp' } });
    for (const name of ['disk1', 'disk2']) mkdirSync(daemon.path('farm', name), { recursive: true });
    await daemon.start();
    const { bus } = daemon;
    await bus.until('both', () => stateOf(daemon)['farm/disk2'] === 'ok' || undefined);
    rmSync(daemon.path('farm/disk1'), { recursive: true });
    await daemon.restart();
    await bus.until('the missing one', () => stateOf(daemon)['farm/disk1'] === 'missing' || undefined);
    expect(await start(daemon)).toEqual(['tmp', 'farm/disk2']);
    await bus.command('bridge/request/reload');
    await bus.until('none missing', () => !('farm/disk1' in stateOf(daemon)) || undefined);
  },
);

test.skipIf(!CAN_MOUNT)(
  'read-only and full disks are left out; all of them: the gate says which',
  async () => {
    const daemon = await prepared({
      arguments: { dest_dir: ['ro', 'full', 'good'], temp_dir: 'tmp' },
      choose: 'in_order',
    });
    const readOnly = mountDisk(daemon.path('ro'), '4m');
    mountDisk(daemon.path('full'), '256k');
    const good = mountDisk(daemon.path('good'), '1m');
    readOnly.remount('ro');
    fill(daemon.path('full/ballast'));
    await daemon.start();
    const { bus } = daemon;
    expect(await start(daemon)).toEqual(['tmp', 'good']);
    await bus.event('worker_end', { result: 'done' });
    await bus.until('read-only', () => stateOf(daemon).ro === 'read_only' || undefined);
    good.unmount();
    good.mount();
    good.remount('size=64k');
    expect(await start(daemon)).toBe('no_space');
    const { last_error } = await bus.shows('job/job', { blocked_reason: 'dest_full' });
    expect(last_error).toContain(`${daemon.path('full')} (a plot takes`);
    expect(last_error).not.toContain(daemon.path('ro'));
    rmSync(daemon.path('full/ballast'));
    expect(await start(daemon)).toEqual(['tmp', 'full']);
  },
);

test.skipIf(!CAN_MOUNT)('a bind mount is the file system that it is of, and a mount of its own', async () => {
  const daemon = await prepared(
    { arguments: { temp_dir: ['one/tmp', 'bound/tmp', 'two'], dest_dir: 'plots' } },
    {
      disks: [
        { match: 'bound', mounted: true },
        { match: 'two', keep_free: '1MiB' },
      ],
    },
  );
  mountDisk(daemon.path('one'), '4m');
  mkdirSync(daemon.path('one/tmp'));
  mountDisk(daemon.path('two'), '3m');
  mkdirSync(daemon.path('bound'));
  mkdirSync(daemon.path('wait'));
  await daemon.start();
  const { bus } = daemon;
  await bus.until('the unmounted one', () => stateOf(daemon)['bound/tmp'] === 'missing' || undefined);
  execFileSync('mount', ['--bind', daemon.path('one'), daemon.path('bound')]);
  onTestFinished(() => void execFileSync('umount', ['-l', daemon.path('bound')]));
  await daemon.restart();
  await bus.until('the bound one', () => stateOf(daemon)['bound/tmp'] === 'ok' || undefined);
  const { disks } = bus.object('host');
  const filesystem = (name: string) =>
    Array.isArray(disks) ? disks.find(({ path }) => path === daemon.path(name))?.filesystem : null;
  expect(filesystem('bound/tmp')).toBe(daemon.path('one'));
  expect(filesystem('one/tmp')).toBe(daemon.path('one'));
  expect(filesystem('two')).toBe(daemon.path('two'));
  const temps = [];
  for (let plots = 0; plots < 4; plots += 1) temps.push((await start(daemon)) as unknown);
  const dirs = temps.map((each) => (Array.isArray(each) ? each[0] : each));
  expect(dirs).toEqual(['one/tmp', 'two', 'one/tmp', 'two']);
});

test.skipIf(!CAN_HANG)('however many disks don’t answer, a start on the others comes', async () => {
  const daemon = await prepared({
    arguments: { temp_dir: 'tmp', dest_dir: ['farm/disk*/plots', 'farm/*/d*', 'plots'] },
  });
  for (let disk = 0; disk < 12; disk += 1) mountDeadDisk(daemon.path(`farm/disk${disk}`));
  await daemon.start();
  const { bus } = daemon;
  for (let plots = 1; plots <= 3; plots += 1) {
    expect(await start(daemon)).toEqual(['tmp', 'plots']);
    await bus.event('worker_end', { result: 'done' }, plots);
  }
  await bus.until('all that are known', () => {
    const states = Object.values(stateOf(daemon));
    return states.filter((state) => state === 'not_answering').length === 12 || undefined;
  });
  expect(stateOf(daemon)).toMatchObject({ tmp: 'ok', plots: 'ok' });
  expect((await daemon.run(['health'])).code).toBe(0);
});

test('a job over MQTT: what its patterns match is held to allowed_dirs at each start, links resolved', async () => {
  const daemon = await prepared(
    {},
    { defaults: { dest_dir: ['farm/disk*'] }, security: { allowed_dirs: [] } },
  );
  for (const name of ['farm/disk1', 'elsewhere']) mkdirSync(daemon.path(name), { recursive: true });
  await daemon.start();
  const { bus } = daemon;
  const create = (id: string, dest_dir: unknown) =>
    bus.command('bridge/request/job/create', { id, plotter: 'small', arguments: { dest_dir } });
  expect(await create('out', ['farm/disk1', 'elsewhere/*'])).toMatchObject({
    error: { code: 'not_allowed', path: 'arguments.dest_dir' },
  });
  expect(await create('inside', 'farm/disk*')).toMatchObject({ status: 'ok' });
  expect(await create('below', 'farm/disk1/*')).toMatchObject({ status: 'ok' });
  // Whoever may write there leads it out.
  symlinkSync(daemon.path('elsewhere'), daemon.path('farm/disk1/link'));
  expect(await bus.command('job/below/do/start')).toMatchObject({ error: { code: 'not_allowed' } });
  mkdirSync(daemon.path('farm/disk1/real'));
  expect(await bus.command('job/below/do/start')).toMatchObject({ status: 'ok' });
  expect((await bus.event('worker_started', { job: 'below' })).arguments).toMatchObject({
    dest_dir: daemon.path('farm/disk1/real'),
  });
  expect(await bus.command('job/inside/do/start')).toMatchObject({ status: 'ok' });
  expect((await bus.event('worker_started', { job: 'inside' })).arguments).toMatchObject({
    dest_dir: daemon.path('farm/disk1'),
  });
  expect(readdirSync(daemon.path('elsewhere'))).toEqual([]);
});
