import { execFileSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DiskFigures, FarmView, HostFigures } from '../../src/contract/views.ts';
import { prepareDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS, FAILING, QUICK } from '../support/e2e/plotters.ts';
import { CAN_MOUNT, mountDisk } from '../survival/support/tmpfs.ts';

const MIB = 1024 * 1024;

/** Mounts a directory of a disk at another place, until the test is over. */
function bind(from: string, to: string): void {
  mkdirSync(to);
  execFileSync('mount', ['--bind', from, to]);
  onTestFinished(() => void execFileSync('umount', ['-l', to]));
}

/** The disks as `B/host` shows them after a mark, by their path in the daemon's directory. */
async function disksSince(daemon: TestDaemon, mark: number): Promise<Record<string, DiskFigures>> {
  const { text } = await daemon.bus.message('host', () => true, mark);
  const { disks }: HostFigures = JSON.parse(text);
  return Object.fromEntries(disks.map((disk) => [disk.path.slice(daemon.dir.length + 1), disk]));
}

/** Kills the daemon and starts it again; answers what it shows then. */
async function again(daemon: TestDaemon): Promise<Record<string, DiskFigures>> {
  const mark = daemon.bus.mark();
  await daemon.restart();
  return disksSince(daemon, mark);
}

function farm(daemon: TestDaemon): Promise<FarmView> {
  return daemon.bus.until('the room of the farm', () => {
    const last = daemon.bus.last('farm');
    const view: FarmView | null = last === undefined ? null : JSON.parse(last.text);
    return view?.total_bytes ? view : undefined;
  });
}

test.runIf(CAN_MOUNT)(
  'disks, the farm and jobs have their figures on real file systems, over kills',
  { timeout: 120_000 },
  async () => {
    const daemon = await prepareDaemon();
    const nvme = mountDisk(daemon.path('nvme'), '8m');
    const farm1 = mountDisk(daemon.path('farm1'), '8m');
    const farm2 = mountDisk(daemon.path('farm2'), '4m');
    for (const dir of [join(farm1.path, 'plots'), join(farm1.path, 'more'), join(farm2.path, 'plots')])
      mkdirSync(dir);
    bind(join(farm1.path, 'more'), daemon.path('bound'));
    const into = (dest_dir: string) => ({ arguments: { temp_dir: 'nvme', dest_dir } });
    const other = { ...FAILING, ...into('farm2/plots') };
    const jobs = {
      quick: { ...QUICK, ...into('farm1/plots') },
      endless: { ...ENDLESS, ...into('bound') },
      other,
    };
    await daemon.configure({ jobs });
    await daemon.start();
    const { bus } = daemon;

    const first = await disksSince(daemon, 0);
    const nothing = { state: 'ok', plots: 0, reserved_bytes: 0, full_at: null };
    expect(first).toMatchObject({
      nvme: { role: 'temp', filesystem: nvme.path, total_bytes: 8 * MIB, ...nothing },
      'farm1/plots': { role: 'destination', filesystem: farm1.path, total_bytes: 8 * MIB, ...nothing },
      bound: { role: 'destination', filesystem: farm1.path, total_bytes: 8 * MIB, ...nothing },
      'farm2/plots': { role: 'destination', filesystem: farm2.path, total_bytes: 4 * MIB, ...nothing },
    });
    const free = ({ path }: { path: string }) => statfsSync(path).bavail * statfsSync(path).bsize;
    expect(await farm(daemon)).toMatchObject({
      ...{ total_bytes: 12 * MIB, free_bytes: free(farm1) + free(farm2) },
      ...{ full_at: null, plots_per_day: 0 },
    });

    await bus.command('job/endless/do/start', '1');
    await bus.command('job/quick/do/start', '1');
    await bus.command('job/other/do/start', '1');
    await bus.shows('job/quick', { plots_done: 1, plots_failed: 0, plots_per_day: 1, workers: 0 });
    await bus.shows('job/other', { plots_done: 0, plots_failed: 1, plots_per_day: 0, workers: 0 });

    const plotted = await again(daemon);
    const time = expect.stringMatching(/^2\d+-\d\d-\d\dT/);
    expect(plotted).toMatchObject({
      nvme: { plots: 0, full_at: null },
      'farm1/plots': { plots: 1, full_at: time },
      bound: { plots: 0, full_at: plotted['farm1/plots']?.full_at },
      'farm2/plots': { plots: 0, full_at: null, reserved_bytes: 0 },
    });
    // A plot of k32.
    const reserved = plotted.bound?.reserved_bytes ?? 0;
    expect(reserved).toBeGreaterThan(100e9);
    expect(plotted['farm1/plots']?.reserved_bytes).toBe(reserved);
    expect(plotted.nvme?.reserved_bytes).toBeGreaterThan(200e9);
    expect(bus.object('job/quick')).toMatchObject({ plots_per_day: 1, plots_failed: 0 });
    expect(bus.object('job/other')).toMatchObject({ plots_per_day: 0, plots_failed: 1 });
    expect(await farm(daemon)).toMatchObject({ plots_per_day: 1, full_at: time });
    expect(bus.last('farm/plots_per_day')?.text).toBe('1');
    expect(bus.last('job/other/plots_failed')?.text).toBe('1');

    // A job that leaves the file and comes back has what it had.
    await daemon.configure({ jobs: { endless: jobs.endless, other } });
    await bus.command('bridge/request/reload');
    await bus.value('job/quick', '');
    farm2.remount('ro');
    expect((await again(daemon))['farm2/plots']).toMatchObject({
      state: 'read_only',
      filesystem: farm2.path,
    });
    await daemon.configure({ jobs });
    await bus.command('bridge/request/reload');
    await bus.shows('job/quick', { plots_done: 1, plots_per_day: 1 });

    farm2.unmount();
    const gone = await again(daemon);
    expect(gone['farm2/plots']).toMatchObject({
      ...{ state: 'missing', filesystem: null, free_bytes: null, plots: null, reserved_bytes: null },
    });
    await bus.until('the farm without a disk', () =>
      bus.object('farm').total_bytes === 8 * MIB ? true : undefined,
    );
  },
);

test('status says which settings are not what config.yaml says', async () => {
  const daemon = await prepareDaemon({ config: { jobs: { j: { ...QUICK, max_workers: 2 } } } });
  await daemon.start();
  const say = (...words: string[]) => daemon.run([...words, '--config', daemon.configFile]);
  expect((await say('status')).stdout).not.toContain('config.yaml');
  await daemon.bus.command('job/j/set', { max_workers: 5, emit_events: false });
  const { stdout } = await say('status');
  const says = (setting: string, value: unknown, file: unknown) =>
    `  ${setting} ${value} was set by a command; config.yaml says ${file} (plot2mqtt set j ${setting} default)\n`;
  expect(stdout).toContain(says('max_workers', 5, 2));
  expect(stdout).toContain(says('emit_events', false, true));
  const why = (await say('why', 'j')).stdout;
  expect(why).toContain('max_workers 5, set by a command; config.yaml says 2');
  expect(why).toContain(says('emit_events', false, true));
  const json: Record<string, unknown> = JSON.parse((await say('status', '--json')).stdout);
  expect(Object.keys(json)).toEqual(['farm', 'host', 'jobs', 'workers', 'moves']);
  await daemon.bus.command('job/j/set', { max_workers: 'default', emit_events: 'default' });
  expect((await say('status')).stdout).not.toContain('config.yaml');
});
