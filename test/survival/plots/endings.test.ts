import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { prepareDaemon, startDaemon } from '../../support/e2e/daemon.ts';
import { allow, STEPPING_JOB } from '../../support/e2e/plotters.ts';
import { NO_CONTAINERS } from '../support/namespaces.ts';
import { expectClean, PLOT, plotting, preparePlotting, waitFor } from '../support/plotting.ts';

const GIB = 2 ** 30;

/** Opens all the files that this process may, and at the next SIGUSR2 lets them go. */
const HOARDING = `import { closeSync, openSync, writeFileSync } from 'node:fs';
const held = [];
process.on('SIGUSR2', () => {
  if (held.length > 0) { for (const fd of held.splice(0)) closeSync(fd); return writeFileSync('released', ''); }
  try { for (;;) held.push(openSync('/dev/null')); } catch (error) { writeFileSync(held.pop(), ''); }
  closeSync(held.pop()); writeFileSync('hoarded', ''); held.push(openSync('/dev/null'));
});`;

test('an exit status that can’t be read for lack of open files is waited for: the plot counts', async () => {
  const hoarding = { NODE_OPTIONS: '--import ./hoarding.mjs' };
  const daemon = await preparePlotting(`echo "stage 1"\n${waitFor('go')}${PLOT}`, {}, { env: hoarding });
  writeFileSync(daemon.path('hoarding.mjs'), HOARDING);
  daemon.through = ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh'];
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  const { pid } = await bus.event('plotter_started');
  await bus.event('stage_started');
  daemon.signal('SIGUSR2');
  await expect.poll(() => stat(daemon.path('hoarded')).catch(() => null)).not.toBeNull();
  writeFileSync(daemon.path('go'), '');
  await expect.poll(() => isRunning(Number(pid))).toBe(false);
  await expect
    .poll(() => daemon.said.join('\n'), { timeout: 20_000 })
    .toMatch(/waits until this can be read: EMFILE/);
  expect(bus.events({ type: 'worker_failed' })).toEqual([]);
  daemon.signal('SIGUSR2');
  await bus.event('worker_end', { result: 'done', error: null });
  await expectClean(daemon);
});

test('an exit status on a disk that fails is waited for over a restart, and keeps nobody from coming up', async () => {
  const daemon = await plotting(`echo "stage 1"\n${waitFor('go')}${PLOT}`);
  const { bus } = daemon;
  const { pid, worker } = await bus.event('plotter_started');
  await bus.event('stage_started');
  await daemon.kill();
  writeFileSync(daemon.path('go'), '');
  await expect.poll(() => isRunning(Number(pid))).toBe(false);
  const exit = daemon.path('data', 'workers', String(worker), 'plotter.exit');
  renameSync(exit, `${exit}.kept`);
  mkdirSync(exit);
  await daemon.start();
  expect(daemon.said.join('\n')).toMatch(/waits until this can be read: EISDIR/);
  await bus.shows('job/job/worker/1', { status: 'plotting' });
  expect(bus.events({ type: 'worker_failed' })).toEqual([]);
  rmdirSync(exit);
  renameSync(`${exit}.kept`, exit);
  await bus.event('worker_end', { result: 'done', error: null });
  await expectClean(daemon);
});

function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

test('a log beyond 1 GiB: its plotter is stopped, the worker fails, the log is gone', async () => {
  const flood = 'yes | head -c 2000000; truncate -s 1100M /proc/self/fd/1; ';
  const daemon = await plotting(`echo "stage 1"\n${flood}\nwhile :; do echo more; sleep 0.1; done`);
  const failed = await daemon.bus.event('worker_failed');
  expect(failed.error).toMatch(/^the plotter was stopped: its log has 1\.1 GiB/);
  await daemon.bus.event('worker_end', { result: 'failed' });
  await expectClean(daemon);
});

test('a post-command’s log has the same end; the plot counts', async () => {
  const daemon = await plotting(PLOT, { post_command: 'truncate -s 1100M /proc/self/fd/1; sleep 600' });
  const end = await daemon.bus.event('worker_end', { result: 'done' });
  expect(end.error).toMatch(/^post_command was stopped: its log has 1\.1 GiB/);
  await expectClean(daemon);
});

test('a plotter that ends well in the moment in which its log grows too long has failed', async () => {
  const daemon = await plotting(`${PLOT}truncate -s 1100M /proc/self/fd/1\n`);
  const end = await daemon.bus.event('worker_end', { result: 'failed' });
  expect(end.error).toMatch(/its log has 1\.1 GiB/);
  expect(statSync(daemon.path('data')).size).toBeLessThan(GIB);
});

/** Runs a daemon as on a host that was started a second ago: the kernel's word for that is another one. */
const REBOOTED = [
  'echo 1.00 1.00 >up; echo 00000000-another-boot >boot',
  'mount --bind up /proc/uptime && mount --bind boot /proc/sys/kernel/random/boot_id && exec "$@"',
].join('\n');

test.skipIf(NO_CONTAINERS !== null)(
  'power is lost with three workers in flight: they fail, the job isn’t blocked',
  async () => {
    const daemon = await startDaemon({
      broker: 'mosquitto',
      config: { jobs: { job: { ...STEPPING_JOB, max_workers: 3 } } },
    });
    const { bus } = daemon;
    await bus.command('job/job/do/start', { value: 3 });
    for (const slot of [1, 2, 3]) await bus.event('stage_started', { slot });
    await daemon.kill();
    for (const { pid } of bus.events({ type: 'plotter_started' })) process.kill(-Number(pid), 'SIGKILL');
    // Of one not even the claim was on the disk.
    const [, , last] = bus.events({ type: 'plotter_started' }).map(({ worker }) => String(worker));
    truncateSync(daemon.path('data', 'workers', last ?? '', 'plotter.claim'));
    await sleep(1100);
    daemon.through = ['unshare', '--mount', 'sh', '-c', REBOOTED, 'sh'];
    await daemon.start();
    await expect.poll(() => bus.events({ type: 'worker_end' }).length, { timeout: 10_000 }).toBe(3);
    for (const { error } of bus.events({ type: 'worker_failed' }))
      expect(error).toBe('the plotter is gone: the host was restarted');
    await bus.shows('job/job', { failures: 0, blocked_reason: 'none', state: 'idle' });
    await expectClean(daemon);
  },
);

test.skipIf(NO_CONTAINERS !== null)(
  'a container is restarted with three workers in flight: they fail, the job isn’t blocked',
  async () => {
    const daemon = await prepareDaemon({
      broker: 'mosquitto',
      config: { jobs: { job: { ...STEPPING_JOB, max_workers: 3 } } },
    });
    // A PID namespace of its own: with its first process, the daemon, all in it ends.
    daemon.through = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
    const { bus } = await daemon.start();
    await bus.command('job/job/do/start', { value: 3 });
    for (const slot of [1, 2, 3]) await bus.event('stage_started', { slot });
    await daemon.restart();
    await expect.poll(() => bus.events({ type: 'worker_end' }).length, { timeout: 10_000 }).toBe(3);
    for (const { error } of bus.events({ type: 'worker_failed' }))
      expect(error).toBe('the plotter is gone: its container has ended');
    await bus.shows('job/job', { failures: 0, blocked_reason: 'none', state: 'idle' });
    await allow(daemon, 'all');
    await bus.command('job/job/do/start');
    await bus.event('worker_end', { result: 'done' });
  },
);

test.skipIf(NO_CONTAINERS !== null)(
  'a plotter that runs on in another PID namespace is followed, not given up',
  async () => {
    const daemon = await prepareDaemon({ broker: 'mosquitto', config: { jobs: { job: STEPPING_JOB } } });
    const { bus } = await daemon.start();
    await bus.command('job/job/do/start');
    await bus.event('stage_started');
    await daemon.kill();
    daemon.through = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
    await daemon.start();
    await bus.shows('job/job/worker/1', { status: 'plotting' });
    await bus.command('job/job/set/paused', { value: true });
    const error = "it runs in another container, from here it can't be suspended";
    await bus.shows('job/job/worker/1', { error });
    await bus.command('job/job/set/paused', { value: false });
    await allow(daemon, 'all');
    await bus.event('worker_end', { result: 'done', error: null });
    await bus.shows('job/job', { plots_done: 1, failures: 0 });
  },
);

/** A clock that is ahead by as many milliseconds as a file says at the start and at each SIGUSR2. */
const SET = `import { readFileSync } from 'node:fs';
const real = Date.now; let ahead = Number(readFileSync('ahead', 'utf8')); Date.now = () => real() + ahead;
process.on('SIGUSR2', () => { ahead = Number(readFileSync('ahead', 'utf8')); });`;

test.each([3_600_000, -3_600_000])(
  'a clock that is %i ms wrong until shortly after the start, and a restart',
  async (ahead) => {
    const daemon = await prepareDaemon({ broker: 'mosquitto', env: { NODE_OPTIONS: '--import ./set.mjs' } });
    const timed = { pre_command: 'sleep 0.6', post_command: 'sleep 0.6', max_workers: 1 };
    await daemon.configure({ jobs: { job: { ...STEPPING_JOB, ...timed } } });
    writeFileSync(daemon.path('set.mjs'), SET);
    writeFileSync(daemon.path('ahead'), String(ahead));
    const mark = performance.now();
    const { bus } = await daemon.start();
    await bus.command('job/job/do/start');
    await bus.event('stage_started', { stage: '1.7' });
    writeFileSync(daemon.path('ahead'), '0');
    daemon.signal('SIGUSR2');
    await allow(daemon, 1);
    await bus.event('stage_started', { stage: '2' });
    await daemon.restart();
    await allow(daemon, 2);
    await bus.event('stage_started', { stage: '3' });
    // What ends while the daemon is away, and is found by a clock that is wrong again.
    await daemon.kill();
    writeFileSync(daemon.path('ahead'), String(-ahead));
    await allow(daemon, 'all');
    await daemon.start();
    await bus.event('worker_end', { result: 'done' });
    const most = (performance.now() - mark) / 1000;
    const durations = bus
      .events()
      .flatMap(({ duration_s }) => (duration_s === undefined ? [] : [Number(duration_s)]));
    expect(durations.length).toBeGreaterThan(20);
    for (const seconds of durations) {
      expect(seconds).toBeGreaterThanOrEqual(0);
      expect(seconds).toBeLessThanOrEqual(most);
    }
    for (const type of ['pre_process_finished', 'post_process_finished'])
      expect(Number(bus.events({ type })[0]?.duration_s)).toBeGreaterThan(0.15);
    const job = await bus.shows('job/job', { plots_done: 1 });
    expect(job.average_plot_duration_s).toBeGreaterThan(0);
    expect(job.average_plot_duration_s).toBeLessThan(most);
    const [line] = await daemon.lines('data', 'history.jsonl');
    const { duration_s } = JSON.parse(line ?? '{}');
    expect(duration_s).toBeGreaterThan(0.4);
    expect(duration_s).toBeLessThan(most);
  },
);
