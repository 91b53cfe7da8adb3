import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ConfigInput, TestDaemon } from '../../support/e2e/daemon.ts';
import { prepareDaemon } from '../../support/e2e/daemon.ts';
import { expectClean } from '../support/plotting.ts';
import { shellPlotter } from '../support/shell-plotter.ts';

/** `$dests`: all destinations that it was given. */
const HEAD = `dests=
while [ $# -gt 0 ]; do case $1 in -t) temp=$2 ;; -d) dests="$dests $2" ;; esac; shift 2; done
set -- $dests
name=plot-k18-2026-01-01-00-00-$PLOT2MQTT_WORKER
echo "plot $name"
`;

/** A daemon whose plotter chooses among its destinations, of which some may be elsewhere, and does as this script says. */
async function prepare(
  script: string,
  dest_dir: string | string[],
  job: ConfigInput = {},
): Promise<TestDaemon> {
  const daemon = await prepareDaemon();
  const shell = shellPlotter(daemon.dir, HEAD + script);
  const { temp_dir, dest_dir: one } = shell.arguments;
  const plotter = {
    ...shell,
    arguments: { temp_dir, dest_dir: { ...one, list: true, remote: '@' } },
    partial: ['.tmp'],
  };
  await daemon.configure({
    plotters: { chooser: plotter },
    jobs: { job: { plotter: 'chooser', stop_grace: 1, arguments: { dest_dir }, ...job } },
  });
  for (const name of ['farm1', 'farm2']) mkdirSync(daemon.path(name));
  return daemon;
}

const filesIn = (daemon: TestDaemon, name: string) => readdirSync(daemon.path(name)).sort();
const BOTH = ['farm1', 'farm2'];

test('a plot counts in whichever of its destinations it is, by its name alone too', async () => {
  const daemon = await prepare('echo plot >"$2/$name.plot"; echo "final $name.plot"\n', BOTH);
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  const { plot } = await bus.event('worker_end', { result: 'done', error: null });
  expect(plot).toBe(daemon.path('farm2', ...filesIn(daemon, 'farm2')));
  expect(filesIn(daemon, 'farm1')).toEqual([]);
  await expectClean(daemon);
});

test('what was in any of them before is none', async () => {
  const daemon = await prepare('echo "final $2/old.plot"\n', BOTH);
  writeFileSync(daemon.path('farm2', 'old.plot'), 'old');
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  const { error } = await bus.event('worker_failed');
  expect(error).toContain('was there before the plotter began');
  expect(filesIn(daemon, 'farm2')).toEqual(['old.plot']);
});

test('what one leaves unfinished goes, wherever it is, and what was there before stays', async () => {
  const daemon = await prepare(
    'echo half >"$1/$name.plot.tmp"; echo half >"$2/$name.plot.tmp"; echo "stage 1"; exit 1\n',
    BOTH,
  );
  writeFileSync(daemon.path('farm2', 'other.plot.tmp'), 'somebody’s');
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await bus.event('worker_end', { result: 'failed' });
  expect(filesIn(daemon, 'farm1')).toEqual([]);
  expect(filesIn(daemon, 'farm2')).toEqual(['other.plot.tmp']);
});

test('a plot that goes to another host counts by the line that says so, over a kill too', async () => {
  const daemon = await prepare(
    `echo "$*" >given; echo "stage 1"; until [ -e go ]; do sleep 0.01; done; echo "final $1/$name.plot"\n`,
    '@host',
    { post_command: 'echo %plot% >>post.txt' },
  );
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await bus.event('stage_started');
  await daemon.restart();
  writeFileSync(daemon.path('go'), '');
  const { plot, worker } = await bus.event('worker_end', { result: 'done', error: null });
  expect(plot).toBe(`@host/plot-k18-2026-01-01-00-00-${worker}.plot`);
  expect(await daemon.lines('given')).toEqual(['@host']);
  expect(await daemon.lines('post.txt')).toEqual([plot]);
  await bus.shows('job/job', { plots_done: 1, failures: 0 });
  await expectClean(daemon);
});

test('of destinations here and elsewhere each has its own proof', async () => {
  const daemon = await prepare(
    'echo plot >"$1/$name.plot"; [ -e first ] && set -- "$2"; touch first; echo "final $1/$name.plot"\n',
    ['farm1', '@host'],
  );
  const { bus } = await daemon.start();
  for (const [count, directory] of [daemon.path('farm1'), '@host'].entries()) {
    await bus.command('job/job/do/start');
    const { plot, worker } = await bus.event('worker_end', { result: 'done', error: null }, count + 1);
    expect(plot).toBe(`${directory}/plot-k18-2026-01-01-00-00-${worker}.plot`);
  }
});

test('without that line it is none', async () => {
  const daemon = await prepare('echo "stage 3"\n', '@host');
  const { bus } = await daemon.start();
  await bus.command('job/job/do/start');
  await bus.event('worker_end', { result: 'failed' });
  await bus.shows('job/job', { plots_done: 0, failures: 1 });
  expect(existsSync(daemon.path('@host'))).toBe(false);
});
