import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, linkSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { prepareDaemon, startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { QUICK } from '../../support/e2e/plotters.ts';
import { shellPlotter } from '../support/shell-plotter.ts';
import { CAN_MOUNT } from '../support/tmpfs.ts';

const BEFORE = '2022-01-01T00:00:00Z';
const REPLOTTING = { ...QUICK, max_failures: 0, replot: { before: BEFORE } };
/** Names of plots by their age, the oldest first. */
const old = (month: number, name = 'old') =>
  `plot-k32-2021-${String(month).padStart(2, '0')}-01-00-00-${name}.plot`;

function put(daemon: TestDaemon, ...names: string[]): void {
  for (const name of names) writeFileSync(daemon.path('plots', name), 'old plot');
}

function removed(daemon: TestDaemon): unknown[] {
  return daemon.bus.events({ type: 'replot_removed' }).map(({ file }) => file);
}

async function makeOne(daemon: TestDaemon, count = 1): Promise<void> {
  await daemon.bus.command('job/job/do/start');
  await daemon.bus.event('worker_end', {}, count);
}

test('each removal is a warning with file and size', async () => {
  const daemon = await startDaemon({
    files: { [`plots/${old(1)}`]: 'old plot' },
    config: { jobs: { job: REPLOTTING } },
  });
  await makeOne(daemon);
  const said = daemon.said.filter((line) => line.includes(old(1)));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/"level":40|WARN/);
  expect(said[0]).toContain('0.0 kB');
});

test('what this daemon made stays, whatever its name says, wherever it was moved, over a restart', async () => {
  const daemon = await prepareDaemon();
  const script = `echo "plot ${old(1, '$PLOT2MQTT_WORKER').replace('.plot', '')}"
echo plot >"$4/${old(1, '$PLOT2MQTT_WORKER')}"; echo "final $4/${old(1, '$PLOT2MQTT_WORKER')}"`;
  const plotter = shellPlotter(daemon.dir, script);
  const { temp_dir, dest_dir } = plotter.arguments;
  await daemon.configure({
    plotters: { shell: { ...plotter, arguments: { temp_dir, dest_dir } } },
    jobs: {
      job: { plotter: 'shell', check_space: false, replot: { before: BEFORE } },
      // It makes plots elsewhere, which somebody brings here.
      other: {
        plotter: 'shell',
        check_space: false,
        arguments: { dest_dir: 'elsewhere' },
        post_command: 'mv %plot% plots/',
      },
    },
  });
  mkdirSync(daemon.path('elsewhere'));
  const { bus } = await daemon.start();
  await bus.command('job/other/do/start');
  await bus.event('worker_end', { job: 'other' });
  for (let count = 1; count <= 3; count += 1) {
    await bus.command('job/job/do/start');
    await bus.event('worker_end', { job: 'job' }, count);
    if (count === 2) await daemon.restart();
  }
  expect(removed(daemon)).toEqual([]);
  expect(readdirSync(daemon.path('plots'))).toHaveLength(4);
});

test('a plot that a worker is making stays, whichever job it belongs to', async () => {
  const daemon = await prepareDaemon();
  const name = old(1);
  const script = `echo "plot ${name.replace('.plot', '')}"; echo plot >"$4/${name}"; until [ -e go ]; do sleep 0.02; done`;
  const plotter = shellPlotter(daemon.dir, script);
  const { temp_dir, dest_dir } = plotter.arguments;
  const making = { plotter: 'shell', check_space: false };
  await daemon.configure({
    plotters: { shell: { ...plotter, arguments: { temp_dir, dest_dir } } },
    jobs: { making, job: REPLOTTING },
  });
  put(daemon, old(2));
  const { bus } = await daemon.start();
  await bus.command('job/making/do/start');
  await bus.message('job/making/worker/1', (text) => text.includes(name));
  await makeOne(daemon);
  expect(removed(daemon)).toEqual([daemon.path('plots', old(2))]);
  expect(readdirSync(daemon.path('plots'))).toContain(name);
  writeFileSync(daemon.path('go'), '');
});

test('a plot that somebody is writing stays, and one with a second name', async () => {
  const daemon = await startDaemon({ config: { jobs: { job: REPLOTTING } } });
  put(daemon, old(1), old(2), old(3));
  linkSync(daemon.path('plots', old(2)), daemon.path('precious'));
  const writer = spawn('sh', ['-c', `exec 3>>"$0"; echo ready; exec sleep 60`, daemon.path('plots', old(1))]);
  onTestFinished(() => void writer.kill('SIGKILL'));
  await new Promise((resolve) => writer.stdout.once('data', resolve));
  await makeOne(daemon);
  expect(removed(daemon)).toEqual([daemon.path('plots', old(3))]);
});

test.skipIf(!CAN_MOUNT)('a file that something is mounted on stays', async () => {
  const daemon = await startDaemon({ config: { jobs: { job: REPLOTTING } } });
  put(daemon, old(1), old(2));
  writeFileSync(daemon.path('precious'), 'keep');
  execFileSync('mount', ['--bind', daemon.path('precious'), daemon.path('plots', old(1))]);
  onTestFinished(() => void execFileSync('umount', ['-l', daemon.path('plots', old(1))]));
  await makeOne(daemon);
  expect(removed(daemon)).toEqual([daemon.path('plots', old(2))]);
});

test('with a history that has lost lines the younger of name and file counts', async () => {
  const daemon = await startDaemon({ config: { jobs: { job: REPLOTTING } } });
  await makeOne(daemon);
  await daemon.stop();
  rmSync(daemon.path('data', 'history.jsonl'));
  put(daemon, old(1), old(2));
  const past = new Date('2021-06-01');
  utimesSync(daemon.path('plots', old(2)), past, past);
  await daemon.start();
  await makeOne(daemon, 2);
  expect(removed(daemon)).toEqual([daemon.path('plots', old(2))]);
});

test('with a history that can’t be read nothing goes', async () => {
  const daemon = await startDaemon({ config: { jobs: { job: REPLOTTING } } });
  put(daemon, old(1));
  mkdirSync(daemon.path('data', 'history.jsonl'));
  await daemon.bus.command('job/job/do/start');
  await daemon.bus.event('plotter_finished');
  expect(removed(daemon)).toEqual([]);
  await daemon.bus.message('job/job/last_error', (text) => text.includes("history.jsonl can't be read"));
});

test('check says what would go, and lists it with its times', async () => {
  const daemon = await prepareDaemon({ config: { jobs: { job: REPLOTTING } } });
  put(daemon, old(3), old(1), 'undated.plot', old(2, 'made here'));
  const past = new Date('2021-02-15T00:00:00Z');
  utimesSync(daemon.path('plots', 'undated.plot'), past, past);
  mkdirSync(daemon.path('data'));
  const plot = `/elsewhere/${old(2, 'made here')}`;
  const line = { worker: 'w', job: 'job', result: 'done', plot, ended_at: '2026-01-01T00:00:00Z' };
  appendFileSync(daemon.path('data', 'history.jsonl'), `${JSON.stringify(line)}\n`);
  const plain = await daemon.run(['check', '--config', daemon.configFile]);
  expect(plain.code).toBe(0);
  expect(plain.stdout).toContain(`replot: 3 plots (0.0 kB) in ${daemon.path('plots')} would be removed`);
  expect(plain.stdout).toContain(`the first: ${daemon.path('plots', old(1))}`);
  expect(plain.stdout).not.toContain(old(3));
  const { code, stdout } = await daemon.run(['check', '--replot', '--config', daemon.configFile]);
  expect(code).toBe(0);
  expect(stdout).not.toContain(old(2, 'made here'));
  expect(stdout).toContain('undated.plot  0.0 kB  2021-02-15T00:00:00.000Z (by its time of modification)');
  expect(stdout).toMatch(/2021-03-01\S+old.plot {2}0.0 kB {2}\S+ \(by its name\)|by its name/);
});

test('a time to come is an error of check, of a start and of a reload', async () => {
  const future = { ...REPLOTTING, replot: { before: '2099-01-01T00:00:00Z' } };
  const daemon = await startDaemon({ config: { jobs: { job: REPLOTTING } } });
  await daemon.configure({ jobs: { job: future } });
  expect(await daemon.bus.command('bridge/request/reload')).toMatchObject({
    status: 'error',
    error: { code: 'invalid_config', path: 'jobs.job.replot.before' },
  });
  const checked = await daemon.run(['check', '--config', daemon.configFile]);
  expect(checked.code).toBe(2);
  expect(checked.stdout).toMatch(/config\.yaml:\d+:\d+: jobs\.job\.replot\.before: is in the future/);
  await daemon.stop();
  expect((await daemon.run(['run', '--config', daemon.configFile])).code).toBe(2);
});
