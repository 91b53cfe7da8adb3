import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { BROKERS, startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';

const COMMAND = {
  madmax: 'plot2mqtt simulate madmax --speed 400 --run madmax-k24 --move copy',
  chia: 'plot2mqtt simulate chia --speed 600 --run chia-k25',
};

const JOB = {
  check_space: false,
  plots_per_run: 3,
  pre_command: 'echo "$PLOT2MQTT_WORKER $PLOT2MQTT_RUN" >> pre',
  post_command: 'echo "$PLOT2MQTT_WORKER" %plot% >> post',
  save_logs: true,
};

/** Of a worker, the types of its events but stages and progress, in their order. */
function storyOf({ bus }: TestDaemon, worker: unknown): string[] {
  return bus
    .events({ worker })
    .map(({ type }) => String(type))
    .filter((type) => !/^(stage_|progress|job_end|worker_recovered)/.test(type));
}

describe.each(['madmax', 'chia'] as const)('a run of three plots of %s', (plotter) => {
  test('is three workers, each with its own end, over a crash of the daemon', async () => {
    const daemon = await startDaemon({
      broker: BROKERS[plotter === 'chia' ? 0 : 1],
      config: { jobs: { j: { ...JOB, plotter, command: COMMAND[plotter], plots_to_do: 3 } } },
    });
    const { bus } = daemon;
    await bus.command('job/j/do/start');
    await bus.event('worker_started');
    await bus.shows('job/j', { workers: 1, max_workers: 1 });
    const stage = await bus.event('stage_started', { stage: '2' });
    await daemon.restart('SIGKILL');
    await bus.event('job_end');
    await bus.shows('job/j', { plots_done: 3, workers: 0, state: 'done', failures: 0 });

    const started = bus.events({ type: 'worker_started' });
    const run = started[0]?.worker;
    expect(started.map((event) => event.run)).toEqual([run, run, run]);
    expect(new Set(started.map(({ worker }) => worker)).size).toBe(3);
    expect(stage.worker).toBe(run);
    const ends = bus.events({ type: 'worker_end' });
    expect(ends.map(({ result, error, slot }) => ({ result, error, slot }))).toEqual(
      Array.from({ length: 3 }, () => ({ result: 'done', error: null, slot: 1 })),
    );
    const plots = ends.map(({ plot }) => String(plot));
    expect((await readdir(daemon.path('plots'))).toSorted()).toEqual(
      plots.map((plot) => plot.split('/').at(-1)).toSorted(),
    );
    const finished = bus.events({ type: 'plotter_finished' });
    const codes = new Map(finished.map(({ worker, exit_code }) => [worker, exit_code]));
    expect(started.map(({ worker }) => codes.get(String(worker)))).toEqual([null, null, 0]);
    for (const [index, { worker }] of started.entries())
      expect(storyOf(daemon, worker)).toEqual([
        'worker_started',
        ...(index === 0 ? ['pre_process_started', 'pre_process_finished'] : []),
        ...['plotter_started', 'plotter_finished', 'post_process_started', 'post_process_finished'],
        'worker_end',
      ]);
    expect(await daemon.lines('pre')).toEqual([`${run} ${run}`]);
    expect((await daemon.lines('post')).toSorted()).toEqual(
      ends.map(({ worker, plot }) => `${worker} ${plot}`).toSorted(),
    );
    expect(await readdir(daemon.path('tmp'))).toEqual([]);
    expect(await readdir(daemon.path('data', 'workers'))).toEqual([]);
    expect(await daemon.lines('data', 'history.jsonl')).toHaveLength(3);

    for (const { worker, plot } of ends) {
      const log = await readFile(daemon.path('data', 'logs', `${worker}.txt`), 'utf8');
      const others = plots.filter((each) => each !== plot);
      const name = (file: unknown) => String(file).split('/').at(-1)?.replace('.plot', '') ?? '';
      expect(log).toContain(name(plot));
      for (const other of others) expect(log.replace(/^plot-.*$/gm, '')).not.toContain(name(other));
    }
  });
});

/** No worker was started after an event, and each has made its plot; which was the last, and how many there are. */
function allDone({ bus }: TestDaemon, after: string): { worker: string; plots: number } {
  const all = bus.events();
  const since = all.findIndex(({ type }) => type === after);
  expect(all.slice(since).filter(({ type }) => type === 'worker_started')).toEqual([]);
  const started = bus.events({ type: 'worker_started' }).map(({ worker }) => String(worker));
  expect(started.length).toBeLessThan(50);
  const ends = bus.events({ type: 'worker_end' });
  expect(ends.map(({ worker, result }) => `${worker} ${result}`)).toEqual(
    started.map((worker) => `${worker} done`),
  );
  return { worker: started.at(-1) ?? '', plots: started.length };
}

/** MadMax, at a pace at which a plot can be interrupted, in a run of many. */
const SLOW = {
  ...{ plotter: 'madmax', check_space: false, plots_per_run: 50, stop_grace: 600, save_logs: true },
  command: 'plot2mqtt simulate madmax --speed 15 --run madmax-k24 --move copy',
};

describe('a run of many plots of madmax', () => {
  test('ends after its present plot when its job is disabled, as it was asked to', async () => {
    const daemon = await startDaemon({ config: { jobs: { j: SLOW } } });
    const { bus } = daemon;
    await bus.command('job/j/do/start');
    const second = await bus.event('worker_started', {}, 2);
    await bus.event('stage_started', { worker: second.worker, stage: '1.2' });
    await bus.command('job/j/set/enabled', 'OFF');
    // Asked once, whatever becomes of the daemon: two signals within a second would end it at once.
    const note = daemon.path('data', 'workers', String(second.run ?? ''), 'finish.json');
    await expect.poll(() => existsSync(note), { timeout: 10_000, interval: 10 }).toBe(true);
    await daemon.restart('SIGKILL');
    await bus.shows('job/j', { state: 'disabled', workers: 0, plots_failed: 0 });
    await bus.event('worker_end', {}, bus.events({ type: 'worker_started' }).length);
    const { worker: last } = allDone(daemon, 'job_updated');
    expect(bus.events({ type: 'plotter_finished', worker: last })).toMatchObject([{ exit_code: 0 }]);
    expect(await readdir(daemon.path('tmp'))).toEqual([]);
  });

  test('is stopped at once on request: two signals within a second say so', async () => {
    const daemon = await startDaemon({ config: { jobs: { j: SLOW } } });
    const { bus } = daemon;
    await bus.command('job/j/do/start');
    const second = await bus.event('worker_started', {}, 2);
    await bus.event('stage_started', { worker: second.worker, stage: '1.2' });
    await bus.command('job/j/do/dismiss');
    expect(bus.events({ type: 'worker_dismissed', worker: second.worker })).toMatchObject([{ plot: null }]);
    const log = await readFile(daemon.path('data', 'logs', `${second.worker}.txt`), 'utf8');
    expect(log).toContain('Double Ctrl-C pressed, exiting now!');
    await bus.shows('job/j', { workers: 0, plots_failed: 0, failures: 0 });
    expect(await readdir(daemon.path('tmp'))).toEqual([]);
  });
});

test('a run of chia that may begin no further plot is stopped when it does', async () => {
  const command = 'plot2mqtt simulate chia --speed 60 --run chia-k25';
  const job = { plotter: 'chia', check_space: false, plots_per_run: 50, command };
  const daemon = await startDaemon({ config: { jobs: { j: job } } });
  const { bus } = daemon;
  await bus.command('job/j/do/start');
  await bus.event('worker_started', {}, 2);
  await bus.command('farm/hold/drain', 'ON');
  await bus.event('farm_drained');
  const { plots } = allDone(daemon, 'hold_set');
  await bus.shows('job/j', { plots_done: plots, plots_failed: 0, failures: 0 });
  expect(await readdir(daemon.path('tmp'))).toEqual([]);
  expect(await readdir(daemon.path('plots'))).toHaveLength(plots);
});
