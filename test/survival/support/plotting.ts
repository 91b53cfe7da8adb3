import { readdir } from 'node:fs/promises';
import { expect } from 'vitest';
import { type DaemonOptions, prepareDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { shellPlotter } from './shell-plotter.ts';

/** The usual end of a script: a plot. */
export const PLOT = 'echo plot >"$dest/$name.plot"; echo "plot $name"; echo "final $dest/$name.plot"\n';

/** Where a script waits until the test makes this file. */
export const waitFor = (name: string) => `until [ -e ${name} ]; do sleep 0.01; done\n`;

/**
 * A daemon whose plotter is this script, not started yet; `$temp` and `$dest` are its directories, `$name` its plot's
 * name; `more` is further configuration, `definition` further keys of the plotter. Lines `plot NAME`, `stage N`, `N%`,
 * `size N bytes`, `final FILE`, `error: …` and `fatal: …` mean what they say.
 */
export async function preparePlotting(
  script: string,
  job: Record<string, unknown> = {},
  options: DaemonOptions = {},
  more: Record<string, unknown> = {},
  definition: Record<string, unknown> = {},
): Promise<TestDaemon> {
  const daemon = await prepareDaemon(options);
  const head = 'temp=$2 dest=$4 name=plot-k18-2026-01-01-00-00-$PLOT2MQTT_WORKER\n';
  const { pause: _pause, fail_every: _fail, ...directories } = shellPlotter(daemon.dir).arguments;
  const shell = shellPlotter(daemon.dir, head + script);
  const size = { match: '^size (?<size>\\d+) bytes$', plot_size: true };
  const fatal = { match: '^fatal: (?<error>.+)$', error: { fatal: true } };
  const patterns = [...shell.patterns, size, fatal];
  const plotter = { ...shell, arguments: directories, patterns, ...definition };
  await daemon.configure({
    plotters: { script: plotter },
    jobs: { job: { plotter: 'script', stop_grace: 1, ...job } },
    ...more,
  });
  return daemon;
}

/** The same, with one worker started. */
export async function plotting(
  script: string,
  job: Record<string, unknown> = {},
  definition: Record<string, unknown> = {},
): Promise<TestDaemon> {
  const daemon = await preparePlotting(script, job, {}, {}, definition);
  await daemon.start();
  await daemon.bus.command('job/job/do/start');
  return daemon;
}

/** Nothing is left: no process, no temporary directory, no worker's own directory. */
export async function expectClean(daemon: TestDaemon): Promise<void> {
  expect(daemon.alive().filter(({ command }) => !command.includes('main.js run'))).toEqual([]);
  expect(await readdir(daemon.path('tmp'))).toEqual([]);
  expect(await readdir(daemon.path('data', 'workers'))).toEqual([]);
}
