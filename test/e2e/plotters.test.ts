import { readdir, stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { plotSuffixOf } from '../../src/config/schema/plotter.ts';
import { builtInPlotters } from '../../src/plotters/catalogue.ts';
import { startDaemon } from '../support/e2e/daemon.ts';

const FAST = '--speed 100000 --plot-size 4K';
/** What a job says beside its plotter: most want room and memory that no machine for tests has. */
const jobOf = (plotter: string, options = FAST) => ({
  plotter,
  command: `cd "$PLOT2MQTT_DEST_DIR" && plot2mqtt simulate ${plotter} ${options} "$@"`,
  arguments: plotter === 'gigahorse-cuda' ? { compression: 7 } : {},
  plots_to_do: 1,
  max_failures: 1,
  check_space: false,
});
const jobsOf = (plotters: readonly string[], options = FAST) =>
  Object.fromEntries(plotters.map((plotter) => [plotter, jobOf(plotter, options)]));
const ALL = [...builtInPlotters().keys()];

describe('every plotter that is built in', () => {
  test('makes a plot, through all of its stages', async () => {
    const daemon = await startDaemon({ config: { jobs: jobsOf(ALL) } });
    const { bus } = daemon;
    for (const job of ALL) {
      await bus.command(`job/${job}/do/start`);
      const end = await bus.event('worker_end', { job });
      expect(end, `${job}: ${end.error}`).toMatchObject({ result: 'done', error: null });
      const definition = builtInPlotters().get(job);
      if (definition === undefined) throw new Error(job);
      const stages = bus.events({ type: 'stage_finished', job }).map(({ stage }) => stage);
      expect(stages.toSorted()).toEqual(definition.stages.map(({ id }) => id).toSorted());
      expect(String(end.plot).endsWith(plotSuffixOf(definition) || '.bin')).toBe(true);
      expect((await stat(String(end.plot))).size).toBe(4096);
      await bus.shows(`job/${job}`, { plots_done: 1, state: 'done' });
    }
    expect(await readdir(daemon.path('plots'))).toHaveLength(ALL.length);
    expect(await readdir(daemon.path('tmp'))).toEqual([]);
  });

  test('fails as its log says, and leaves nothing behind that looks like a plot of a worker that is done', async () => {
    const daemon = await startDaemon({ config: { jobs: jobsOf(ALL, `${FAST} --fail-at 1`) } });
    const { bus } = daemon;
    for (const job of ALL) {
      await bus.command(`job/${job}/do/start`);
      const end = await bus.event('worker_end', { job });
      expect(end).toMatchObject({ result: 'failed', plot: null });
      expect(end.error, job).toMatch(/\w/);
      await bus.shows(`job/${job}`, { plots_done: 0, state: 'blocked' });
    }
    expect(await readdir(daemon.path('tmp'))).toEqual([]);
    const left = await readdir(daemon.path('plots'));
    // Those two have their final name from the beginning.
    expect(left.filter((file) => !/\.(plot2|bin)$/.test(file))).toEqual([]);
  });
});

describe('several plots in a run', () => {
  const several = ALL.filter((plotter) => builtInPlotters().get(plotter)?.several !== undefined);

  test('are a worker each, with every plotter that makes several', async () => {
    const jobs = Object.fromEntries(
      several.map((plotter) => [
        plotter,
        {
          ...jobOf(plotter),
          plots_to_do: 3,
          plots_per_run: 3,
          post_command: `echo %plot% >> '${plotter}'`,
        },
      ]),
    );
    const daemon = await startDaemon({ config: { jobs } });
    const { bus } = daemon;
    for (const job of several) {
      await bus.command(`job/${job}/do/start`);
      await bus.event('job_end', { job });
      const ends = bus.events({ type: 'worker_end', job });
      expect(ends.map(({ result, error }) => ({ result, error }))).toEqual(
        Array.from({ length: 3 }, () => ({ result: 'done', error: null })),
      );
      expect(new Set(bus.events({ type: 'worker_started', job }).map(({ run }) => run)).size).toBe(1);
      expect(bus.events({ type: 'plotter_finished', job }).map(({ exit_code }) => exit_code)).toContain(0);
      expect((await daemon.lines(job)).toSorted()).toEqual(ends.map(({ plot }) => plot).toSorted());
      await bus.shows(`job/${job}`, { plots_done: 3, plots_failed: 0, workers: 0 });
    }
    expect(await readdir(daemon.path('plots'))).toHaveLength(3 * several.length);
    expect(await readdir(daemon.path('tmp'))).toEqual([]);
  });
});

test('an exit code of 0 is no plot: the reference plotter has its destination full', async () => {
  const options = `${FAST} --full-disk dest`;
  const daemon = await startDaemon({ config: { jobs: jobsOf(['pos2'], options) } });
  const { bus } = daemon;
  await bus.command('job/pos2/do/start');
  const { exit_code, plot } = await bus.event('plotter_finished');
  expect({ exit_code, plot }).toEqual({ exit_code: 0, plot: null });
  const { error } = await bus.event('worker_end', { result: 'failed' });
  expect(error).toContain('Failed to write chunk');
  expect(await readdir(daemon.path('plots'))).toEqual([expect.stringMatching(/\.bin$/)]);
});

test('BladeBit with a full destination waits, and is told with what is free', async () => {
  const options = `${FAST} --full-disk dest`;
  const daemon = await startDaemon({ config: { jobs: jobsOf(['bladebit-ram'], options) } });
  const { bus } = daemon;
  await bus.command('job/bladebit-ram/do/start');
  const { error } = await bus.event('worker_waiting');
  expect(error).toContain('No space left in plot output directory');
  expect(error).toContain(daemon.path('plots'));
  await bus.command('job/bladebit-ram/do/dismiss', { slot: 1 });
  await bus.event('worker_dismissed');
  expect(await readdir(daemon.path('plots'))).toEqual([]);
});
