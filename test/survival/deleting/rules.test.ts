import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { prepareDaemon, startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { QUICK } from '../../support/e2e/plotters.ts';
import { CAN_MOUNT, mountDisk } from '../support/tmpfs.ts';

const BEFORE = '2022-01-01T00:00:00Z';
/** What plotters make has its id in its name. */
const MADE = /-[0-9a-f]{64}\.plot$/;
const named = (k: number | string, month: number, more = 'a') =>
  `plot-k${k}-2021-0${month}-01-00-00-${more}.plot`;

/** A daemon whose job `job` replots by this rule, in directories that are there before it starts. */
async function prepared(replot: Record<string, unknown>, ...directories: string[]): Promise<TestDaemon> {
  const daemon = await prepareDaemon({
    config: { jobs: { job: { ...QUICK, max_failures: 0, replot: { before: BEFORE, ...replot } } } },
  });
  for (const name of ['plots', ...directories]) mkdirSync(daemon.path(name), { recursive: true });
  return daemon;
}

function put(daemon: TestDaemon, dir: string, ...names: string[]): void {
  for (const name of names) writeFileSync(daemon.path(dir, name), 'plot');
}

async function makeOne(daemon: TestDaemon): Promise<string[]> {
  await daemon.bus.command('job/job/do/start');
  await daemon.bus.event('worker_end', { result: 'done' });
  return daemon.bus.events({ type: 'replot_removed' }).map(({ file }) => String(file));
}

/** What is left of what was there before. */
function left(daemon: TestDaemon, dir = 'plots'): string[] {
  return readdirSync(daemon.path(dir))
    .filter((name) => !MADE.test(name))
    .sort();
}

test('of all that looks like a plot only what the rule names goes', async () => {
  const daemon = await prepared({ match: 'plot-*.plot', k: [32], compression: [0, 7], max_per_plot: 100 });
  const means = [named(32, 1), named('32-c07', 2), named(32, 3, 'b-c')];
  const stay = [
    named(33, 1),
    named('32-c05', 1),
    named('32-C7', 1),
    named(32, 1, 'c05'),
    named('32-k33', 1),
    named('320', 1),
    'k32-2021-01-01-00-00-a.plot',
    'plot-k32-2026-01-01-00-00-a.plot',
    'plot-k32-2021-01-01-00-00-2026-01-01-00-00-a.plot',
    'plot-k32-1970-01-01-00-00-a.plot',
    'plot-k32-2021-01-01-00-00-a.plot2',
    'plot-k32-2021-01-01-00-00-a.plot.tmp',
    '.plot-k32-2021-01-01-00-00-a.plot',
    'PLOT-k32-2021-01-01-00-00-a.plot',
    'plot-k32-2021-01-01-00-00-a.PLOT',
    'plot-k32-2021-01-01-00-00-a\n.plot.bak',
  ];
  put(daemon, 'plots', ...means, ...stay);
  writeFileSync(daemon.path('precious'), 'keep');
  linkSync(daemon.path('precious'), daemon.path('plots', named(32, 4, 'hard')));
  symlinkSync(daemon.path('precious'), daemon.path('plots', named(32, 4, 'soft')));
  mkdirSync(daemon.path('plots', named(32, 4, 'dir')));
  const before = left(daemon);
  await daemon.start();
  const removed = await makeOne(daemon);
  expect(removed).toEqual(means.map((name) => daemon.path('plots', name)));
  expect(left(daemon)).toEqual(before.filter((name) => !means.includes(name)));
});

test('directories that patterns match are looked into, those of other file systems are not', async () => {
  const daemon = await prepared({ max_per_plot: 100 }, 'farm1/plots', 'farm2/plots', 'farm3/other', 'farm4');
  await daemon.configure({
    jobs: { job: { ...QUICK, replot: { before: BEFORE, max_per_plot: 100, dirs: ['farm*/plots', 'no*'] } } },
  });
  for (const dir of ['plots', 'farm1/plots', 'farm2/plots', 'farm3/other'])
    put(daemon, dir, named(32, 1, 'x'));
  put(daemon, 'farm2/plots', named(32, 2));
  // The same directory twice, and one of another file system.
  symlinkSync('farm2', daemon.path('farm5'));
  symlinkSync('/dev/shm', daemon.path('farm4', 'plots'));
  const elsewhere = join('/dev/shm', named(32, 1, `plot2mqtt-${process.pid}`));
  writeFileSync(elsewhere, 'keep');
  onTestFinished(() => rmSync(elsewhere));
  await daemon.start();
  const removed = await makeOne(daemon);
  const meant = [
    daemon.path('farm1/plots', named(32, 1, 'x')),
    daemon.path('farm2/plots', named(32, 1, 'x')),
    daemon.path('farm2/plots', named(32, 2)),
  ];
  expect(removed.sort()).toEqual(meant);
  expect(left(daemon, 'plots')).toEqual([named(32, 1, 'x')]);
  expect(left(daemon, 'farm3/other')).toEqual([named(32, 1, 'x')]);
  expect(existsSync(elsewhere)).toBe(true);
});

test.skipIf(!CAN_MOUNT)('a disk that is mounted over one of its directories keeps its plots', async () => {
  const daemon = await prepared({ max_per_plot: 100, dirs: ['farm*'] }, 'farm1', 'farm2');
  put(daemon, 'farm1', named(32, 2));
  const disk = mountDisk(daemon.path('farm2'), '1m');
  put(daemon, 'farm2', named(32, 1));
  // A bind mount inside: the file is another file system's, or the directory is.
  mkdirSync(daemon.path('farm3'));
  execFileSync('mount', ['--bind', disk.path, daemon.path('farm3')]);
  onTestFinished(() => void execFileSync('umount', ['-l', daemon.path('farm3')]));
  await daemon.start();
  expect(await makeOne(daemon)).toEqual([daemon.path('farm1', named(32, 2))]);
  expect(left(daemon, 'farm2')).toEqual([named(32, 1)]);
});

test('a dry run removes nothing and tells each file once, over a restart too', async () => {
  const daemon = await prepared({ max_per_plot: 2, dry_run: true });
  put(daemon, 'plots', named(32, 1), named(32, 2), named(32, 3));
  await daemon.start();
  expect(await makeOne(daemon)).toEqual([]);
  await daemon.restart();
  await daemon.bus.command('job/job/do/start');
  await daemon.bus.event('worker_end', { result: 'done' }, 2);
  expect(daemon.bus.events({ type: 'replot_would_remove' })).toMatchObject([
    { file: daemon.path('plots', named(32, 1)), size: 4, job: 'job', slot: 1 },
    { file: daemon.path('plots', named(32, 2)), size: 4 },
  ]);
  expect(left(daemon)).toHaveLength(3);
});

/** A plotter whose plots are of 450 kB and want 500 kB. */
function smallPlotter(daemon: TestDaemon) {
  writeFileSync(
    daemon.path('small.sh'),
    'head -c 450000 /dev/zero >"$4/plot-k18-new-$PLOT2MQTT_WORKER.plot" && echo "final $4/plot-k18-new-$PLOT2MQTT_WORKER.plot"',
  );
  return {
    ...{ title: 'Small', command: `sh ${daemon.path('small.sh')}` },
    arguments: {
      temp_dir: { type: 'directory', flag: '-t', role: 'temp', required: true },
      dest_dir: { type: 'directory', flag: '-d', role: 'destination', required: true },
      k: { type: 'integer', flag: '-k', default: 18 },
    },
    space: { '18': { plot: 500_000, temp: { temp_dir: 1 } } },
    stages: [{ id: '1', title: 'All', weight: 1 }],
    patterns: [{ match: '^final (?<file>.+)$', final_file: true }],
  };
}

test.skipIf(!CAN_MOUNT)('as many go as a full disk needs, none where they would not be enough', async () => {
  const daemon = await prepareDaemon();
  const disk = mountDisk(daemon.path('farm'), '1m');
  const plotter = smallPlotter(daemon);
  const replot = { before: BEFORE, as_needed: true, max_per_plot: 3 };
  const job = { plotter: 'small', arguments: { temp_dir: 'tmp', dest_dir: 'farm' }, replot };
  await daemon.configure({ plotters: { small: plotter }, jobs: { job } });
  for (let month = 1; month <= 9; month += 1)
    writeFileSync(join(disk.path, named(32, month)), Buffer.alloc(100_000, 1));
  const { bus } = await daemon.start();
  // 900 kB of 1 MiB are taken: four would have to go, three may.
  expect(await bus.command('job/job/do/start')).toMatchObject({
    status: 'error',
    error: { code: 'no_space' },
  });
  expect(left(daemon, 'farm')).toHaveLength(9);
  await daemon.configure({
    plotters: { small: plotter },
    jobs: { job: { ...job, replot: { ...replot, max_per_plot: 9 } } },
  });
  await bus.command('bridge/request/reload');
  expect(await makeOne(daemon)).toHaveLength(4);
});

test.skipIf(!CAN_MOUNT)(
  'of several destinations old plots go on the disk of the chosen one alone, what is kept free there beside',
  async () => {
    const daemon = await prepareDaemon();
    const replot = { before: BEFORE, as_needed: true, max_per_plot: 9 };
    const job = {
      ...{ plotter: 'small', replot },
      arguments: { temp_dir: 'tmp', dest_dir: ['farm*/plots', 'farm2/more'] },
    };
    await daemon.configure({
      plotters: { small: smallPlotter(daemon) },
      disks: [{ match: daemon.path('farm2'), keep_free: '100kB' }],
      jobs: { job },
    });
    const fill = (dir: string, ...names: string[]) => {
      mkdirSync(daemon.path(dir), { recursive: true });
      for (const name of names) writeFileSync(daemon.path(dir, name), Buffer.alloc(100_000, 1));
    };
    for (const name of ['farm1', 'farm2']) mountDisk(daemon.path(name), '1m');
    // All that may go of the first disk would not make room; the oldest of all is there.
    fill('farm1/plots', named(32, 1, 'oldest'), 'new-1.plot', 'new-2.plot');
    writeFileSync(daemon.path('farm1/plots', 'ballast'), Buffer.alloc(700_000, 1));
    fill('farm2/plots', ...[2, 4, 6, 8].map((month) => named(32, month)));
    fill('farm2/more', ...[1, 3, 5, 7, 9].map((month) => named(32, month)));
    mkdirSync(daemon.path('farm2/others'));
    put(daemon, 'farm2/others', named(32, 1, 'b'));
    const listed = await daemon.run(['check', '--config', daemon.configFile]);
    expect(listed.stdout).toContain(`replot: 1 plot (0.1 MB) in ${daemon.path('farm1/plots')} would`);
    const { bus } = await daemon.start();
    // 500 kB, and 100 kB that stay free, of which there are some 120 kB.
    expect(await makeOne(daemon)).toEqual([
      daemon.path('farm2/more', named(32, 1)),
      daemon.path('farm2/plots', named(32, 2)),
      daemon.path('farm2/more', named(32, 3)),
      daemon.path('farm2/plots', named(32, 4)),
      daemon.path('farm2/more', named(32, 5)),
    ]);
    expect(left(daemon, 'farm1/plots')).toEqual([
      'ballast',
      'new-1.plot',
      'new-2.plot',
      named(32, 1, 'oldest'),
    ]);
    expect(left(daemon, 'farm2/others')).toEqual([named(32, 1, 'b')]);
    expect(bus.events({ type: 'worker_failed' })).toEqual([]);
  },
);

test('check says of each rule what it would remove, and warns where that is nothing or everything', async () => {
  const daemon = await prepareDaemon();
  for (const name of ['plots', 'all']) mkdirSync(daemon.path(name), { recursive: true });
  put(daemon, 'plots', named(32, 1), named(33, 2), named('32-c05', 3));
  put(daemon, 'all', named(32, 4));
  const rule = (more: Record<string, unknown>) => ({ ...QUICK, replot: { before: BEFORE, ...more } });
  await daemon.configure({
    jobs: {
      some: rule({ k: 32, max_per_plot: 2 }),
      nothing: rule({ k: [34] }),
      everything: rule({ dirs: ['all'] }),
    },
  });
  const { code, stdout } = await daemon.run(['check', '--config', daemon.configFile]);
  expect(code).toBe(0);
  expect(stdout).toContain(
    `replot: 2 plots (0.0 kB) in ${daemon.path('plots')} would be removed, 2 for each new plot; the first: ${daemon.path('plots', named(32, 1))}`,
  );
  expect(stdout).toMatch(/config\.yaml:\d+:\d+: .*job 'nothing': no plot in .*, of k 34/);
  expect(stdout).toMatch(
    /config\.yaml:\d+:\d+: .*job 'everything': this rule of replotting would remove every plot in/,
  );
  expect(stdout).not.toMatch(/job 'some': (no plot|this rule)/);
  const listed = await daemon.run(['check', '--replot', '--config', daemon.configFile]);
  for (const name of [named(32, 1), named('32-c05', 3)]) expect(listed.stdout).toContain(name);
  expect(listed.stdout).not.toContain(named(33, 2));
});

test('the farm and the host’s disks say how many old plots are left', async () => {
  const daemon = await startDaemon({
    files: { [`plots/${named(32, 1)}`]: '1234', [`plots/${named(32, 2)}`]: '12', 'plots/new.plot': '' },
    config: { jobs: { job: { ...QUICK, replot: { before: BEFORE } } } },
  });
  const { bus } = daemon;
  await bus.value('farm/old_plots', '2');
  await bus.value('farm/old_bytes', '6');
  await bus.message('host', (text) => text.includes('"old_plots":2,"old_bytes":6'));
});
