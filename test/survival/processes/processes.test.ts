import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { prepareDaemon, startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { allow, ENDLESS, STEPPING_JOB } from '../../support/e2e/plotters.ts';
import { rssOf } from '../support/processes.ts';
import { shellPlotter } from '../support/shell-plotter.ts';
import { size } from '../support/size.ts';

const MIB = 1024 * 1024;

/** A daemon whose plotter is this script; `$temp` and `$dest` are its directories, `$name` its plot's name. */
async function plotting(script: string, job: Record<string, unknown> = {}): Promise<TestDaemon> {
  const daemon = await prepareDaemon();
  const head = 'temp=$2 dest=$4 name=plot-k18-2026-01-01-00-00-$PLOT2MQTT_WORKER\n';
  const { pause: _pause, fail_every: _fail, ...directories } = shellPlotter(daemon.dir).arguments;
  const plotter = { ...shellPlotter(daemon.dir, head + script), arguments: directories };
  await daemon.configure({
    plotters: { script: plotter },
    jobs: { job: { plotter: 'script', stop_grace: 1, ...job } },
  });
  await daemon.start();
  await daemon.bus.command('job/job/do/start');
  return daemon;
}

/** The script's usual end: a plot. */
const PLOT = 'echo plot >"$dest/$name.plot"; echo "plot $name"; echo "final $dest/$name.plot"\n';

/** Nothing is left: no process, no temporary directory, no worker's own directory. */
async function expectClean(daemon: TestDaemon): Promise<void> {
  expect(daemon.alive().filter(({ command }) => !command.includes('main.js run'))).toEqual([]);
  expect(await readdir(daemon.path('tmp'))).toEqual([]);
  expect(await readdir(daemon.path('data', 'workers'))).toEqual([]);
}

test('a plotter that ignores SIGTERM is killed after its grace', async () => {
  const daemon = await plotting('trap "" TERM INT HUP\necho "stage 1"\nwhile :; do sleep 1; done');
  await daemon.bus.event('stage_started');
  expect(await daemon.bus.command('job/job/do/dismiss')).toMatchObject({ status: 'ok' });
  await daemon.bus.event('worker_dismissed');
  await expectClean(daemon);
});

test('children that a plotter forked go with it, however it ends', async () => {
  const fork = '(trap "" TERM; while :; do echo x >>"$temp/child"; sleep 0.01; done) &\n';
  const daemon = await plotting(`${fork}echo "stage 1"\nuntil [ -e go ]; do sleep 0.01; done\n${PLOT}`);
  const { bus } = daemon;
  await bus.event('stage_started');
  await bus.command('job/job/do/dismiss');
  await expectClean(daemon);
  writeFileSync(daemon.path('go'), '');
  await bus.command('job/job/do/start');
  await bus.event('worker_end', { result: 'done', error: null });
  await expectClean(daemon);
});

test('a flood of log: read once, in bounded memory, the plot counts', async () => {
  const megabytes = size(100, 1000);
  const line = 'x'.repeat(1023);
  const daemon = await plotting(`echo "stage 1"\nyes ${line} | head -c ${megabytes * MIB}\necho\n${PLOT}`);
  await daemon.bus.event('stage_started');
  const before = rssOf(daemon.pid);
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, rssOf(daemon.pid));
  }, 100);
  await expect
    .poll(() => daemon.bus.events({ type: 'worker_end' }).length, { timeout: 120_000, interval: 200 })
    .toBe(1);
  clearInterval(watch);
  expect(daemon.bus.events({ type: 'worker_end' })).toMatchObject([{ result: 'done' }]);
  expect(most - before).toBeLessThan(120);
  await expectClean(daemon);
});

test('one endless line, invalid UTF-8 and NUL bytes', async () => {
  const noise = [
    `head -c ${size(20, 200) * MIB} /dev/zero | tr '\\0' x; echo`,
    'head -c 1000000 /dev/urandom; echo',
    "printf '\\0\\0\\0\\377\\376\\n'",
    'echo "stage 2"',
    `head -c ${5 * MIB} /dev/zero; echo`,
    'echo "stage 3"',
  ];
  const daemon = await plotting(`echo "stage 1"\n${noise.join('\n')}\n${PLOT}`);
  await daemon.bus.event('worker_end', { result: 'done' });
  const stages = daemon.bus.events({ type: 'stage_started' }).map(({ stage }) => stage);
  expect(stages).toEqual(['1', '2', '3']);
});

test('noise in an error is told as text', async () => {
  const daemon = await plotting("printf 'error: \\377\\0 \\033[31m bad \\302\\n'; exit 1");
  const failed = await daemon.bus.event('worker_failed');
  expect(failed.error).toContain('bad');
  await daemon.bus.event('worker_end');
  await expectClean(daemon);
});

test('the wrapper killed by somebody: the worker fails with what is known, nothing of it goes on', async () => {
  const daemon = await startDaemon({ config: { jobs: { job: ENDLESS } } });
  const { bus } = daemon;
  await bus.command('job/job/do/start');
  const { pid } = await bus.event('plotter_started');
  await bus.event('stage_started');
  await daemon.restart();
  process.kill(Number(pid), 'SIGKILL');
  const failed = await bus.event('worker_failed');
  expect(failed.error).toContain('gone');
  await bus.event('worker_end', { result: 'failed' });
  await expectClean(daemon);
});

test('a process id that another program has by now is left alone', async () => {
  // What a daemon tells first, an embedded broker has nobody to tell to yet.
  const daemon = await startDaemon({ broker: 'mosquitto', config: { jobs: { job: STEPPING_JOB } } });
  const { bus } = daemon;
  await bus.command('job/job/do/start');
  const { pid, worker } = await bus.event('plotter_started');
  await daemon.kill();
  // The worker is gone, as after a restart of the host, and its id is that of this very test runner.
  process.kill(-Number(pid), 'SIGKILL');
  const claim = daemon.path('data', 'workers', String(worker), 'plotter.claim');
  writeFileSync(claim, readFileSync(claim, 'utf8').replace(String(pid), String(process.pid)));
  await daemon.start();
  await bus.event('worker_end', { result: 'failed' });
  await bus.command('job/job/do/dismiss');
  await expectClean(daemon);
});

test('a daemon that stood still: everything that happened meanwhile is told, in order', async () => {
  const later = { events: [{ fire: 'later', on: 'stage_started', stage: '2', delay: 1 }] };
  const daemon = await startDaemon({ config: { jobs: { job: { ...STEPPING_JOB, ...later } } } });
  const { bus } = daemon;
  await bus.command('job/job/do/start');
  await bus.event('stage_started', { stage: '1.7' });
  daemon.signal('SIGSTOP');
  await allow(daemon, 'all');
  await expect
    .poll(async () => (await readdir(daemon.path('plots'))).filter((name) => name.endsWith('.plot')).length)
    .toBe(1);
  await sleep(size(500, 20_000));
  daemon.signal('SIGCONT');
  await bus.event('worker_end', { result: 'done' });
  await bus.event('event_fired', { name: 'later' });
  const numbers = bus.events().map(({ seq }) => seq);
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  await expectClean(daemon);
});

/** A clock that jumps by as many milliseconds as a file says, at each SIGUSR2. */
const JUMPING = `import { readFileSync } from 'node:fs';
const real = Date.now; let jump = 0; Date.now = () => real() + jump;
process.on('SIGUSR2', () => { jump = Number(readFileSync('jump', 'utf8')); });`;

test.each([3_600_000, -3_600_000])('the clock jumps by %i ms in mid-plot', async (jump) => {
  const events = [{ fire: 'later', on: 'stage_started', stage: '2', delay: 2 }];
  const daemon = await prepareDaemon({ env: { NODE_OPTIONS: '--import ./jumping.mjs' } });
  await daemon.configure({ jobs: { job: { ...STEPPING_JOB, events } } });
  writeFileSync(daemon.path('jumping.mjs'), JUMPING);
  writeFileSync(daemon.path('jump'), String(jump));
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await allow(daemon, 1);
  await bus.event('stage_started', { stage: '2' });
  const mark = performance.now();
  daemon.signal('SIGUSR2');
  await allow(daemon, 2);
  await bus.event('stage_started', { stage: '3' });
  expect(bus.events({ type: 'event_fired' })).toEqual([]);
  await bus.event('event_fired', { name: 'later' });
  expect(performance.now() - mark).toBeGreaterThan(1500);
  await allow(daemon, 'all');
  await bus.event('worker_end', { result: 'done' });
  const percents = bus.events({ type: 'progress' }).map(({ percent }) => Number(percent));
  expect(percents).toEqual([...percents].sort((a, b) => a - b));
  expect(percents.at(-1)).toBe(100);
  for (const { duration_s } of bus.events({ type: 'stage_finished' }))
    expect(Number(duration_s)).toBeGreaterThanOrEqual(0);
  expect(existsSync(daemon.path('data', 'history.jsonl'))).toBe(true);
  expect((await stat(daemon.path('data', 'history.jsonl'))).mode & 0o777).toBe(0o600);
});
