import { readdir, writeFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { BROKERS, startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { allow, ENDLESS, QUICK, STEPPING_JOB, waitForFile } from '../support/e2e/plotters.ts';
import { seen } from '../support/e2e/processes.ts';

/** A job each of whose steps is held until a file is there, and leaves a line once it ran. */
const HELD = {
  ...STEPPING_JOB,
  pre_command: `echo ran >> pre; ${waitForFile('may-pre')}`,
  post_command: `echo %plot% >> post; ${waitForFile('may-post')}`,
  plots_to_do: 1,
};

async function release(daemon: TestDaemon): Promise<void> {
  await allow(daemon, 'all');
  for (const name of ['may-pre', 'may-post']) await writeFile(daemon.path(name), '');
}

/** Waits until nothing of a worker runs any more. */
async function ended(daemon: TestDaemon, worker: string): Promise<void> {
  await vi.waitFor(() => expect(daemon.workerProcesses(worker)).toEqual([]), {
    timeout: 20_000,
    interval: 50,
  });
}

async function expectOnePlot(daemon: TestDaemon, worker: string): Promise<void> {
  const { bus } = daemon;
  await bus.shows('job/j', { plots_done: 1, workers: 0, state: 'done', failures: 0 });
  await bus.shows('bridge/stats', { workers: 0, plots_done: 1, plots_today: 1 });
  const plots = await readdir(daemon.path('plots'));
  expect(plots).toHaveLength(1);
  expect(await daemon.lines('pre')).toEqual(['ran']);
  expect(await daemon.lines('post')).toEqual([daemon.path('plots', plots[0] ?? '')]);
  expect(await readdir(daemon.path('tmp'))).toEqual([]);
  await vi.waitFor(async () => expect(await daemon.lines('data', 'history.jsonl')).toHaveLength(1));
  expect(daemon.workerProcesses(worker)).toEqual([]);
}

/** Each event once and in order, but for those that may come twice after a crash, with the same id. */
function expectWholeStory(daemon: TestDaemon, worker: string): void {
  const { bus } = daemon;
  const seqs = bus.events().map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  expect(bus.story(worker, ['progress', 'stage_started', 'stage_finished', 'worker_recovered'])).toEqual([
    ...[
      'worker_started',
      'pre_process_started',
      'pre_process_finished',
      'plotter_started',
      'plotter_finished',
    ],
    ...['post_process_started', 'post_process_finished', 'worker_end', 'job_end'],
  ]);
  for (const type of ['stage_started', 'stage_finished']) {
    const stages = bus.events({ worker, type }).map(({ stage }) => stage);
    expect(new Set(stages).size).toBe(stages.length);
    expect(stages.length).toBeGreaterThan(5);
  }
}

/** Moments at which a crash hits the daemon, and what holds the worker there. */
const MOMENTS = [
  { moment: 'the pre-command runs', event: 'pre_process_started', free: [] },
  { moment: 'the plotter runs', event: 'stage_finished', free: ['may-pre'] },
  { moment: 'the plotter has just ended', event: 'plotter_finished', free: ['may-pre', 'all'] },
  { moment: 'the post-command runs', event: 'post_process_started', free: ['may-pre', 'all'] },
  {
    moment: 'the worker is cleaned up',
    event: 'post_process_finished',
    free: ['may-pre', 'all', 'may-post'],
  },
  { moment: 'the worker has just ended', event: 'worker_end', free: ['may-pre', 'all', 'may-post'] },
];

describe.each(BROKERS)('a crash of the daemon, %s broker', (broker) => {
  test.each(MOMENTS)('while $moment', async ({ event, free }) => {
    const daemon = await startDaemon({ broker, config: { jobs: { j: HELD } } });
    const { bus } = daemon;
    for (const name of free) await writeFile(daemon.path(name), '');
    await bus.command('job/j/do/start');
    const { worker } = await bus.event(event);
    await daemon.restart('SIGKILL');
    await release(daemon);
    await expectOnePlot(daemon, worker ?? '');
    if (broker === 'mosquitto') {
      await bus.event('job_end');
      expectWholeStory(daemon, worker ?? '');
    }
  });

  test('what ended while the daemon was away is finished with its true end', async () => {
    const daemon = await startDaemon({ broker, config: { jobs: { j: HELD } } });
    const { bus } = daemon;
    await writeFile(daemon.path('may-pre'), '');
    await bus.command('job/j/do/start');
    const { worker } = await bus.event('stage_started', { stage: '1.7' });
    await daemon.kill();
    await release(daemon);
    await ended(daemon, worker ?? '');
    await daemon.start();
    await expectOnePlot(daemon, worker ?? '');
    if (broker === 'mosquitto') {
      await bus.event('job_end');
      expectWholeStory(daemon, worker ?? '');
    }
  });
});

test('a clean stop leaves workers running, and the next start finds them', async () => {
  const jobs = { j: { ...ENDLESS, starts: [{ on: '@startup', workers: 2 }], max_workers: 2 } };
  const daemon = await startDaemon({ broker: 'mosquitto', config: { jobs } });
  const { bus } = daemon;
  await bus.event('stage_started', {}, 4);
  const pids = bus.events({ type: 'plotter_started' }).map(({ pid }) => Number(pid));
  expect(await daemon.stop()).toBe(0);
  for (const pid of pids) expect(seen(pid)).not.toBeNull();
  expect(daemon.said.at(-1)).toMatch(/2 workers/);
  const from = bus.mark();
  await daemon.start();
  // Online comes when live workers are found again and the state of all is published.
  const topics = bus.messages.slice(from).map(({ topic, text }) => `${topic} ${text}`);
  const online = topics.indexOf('plot2mqtt/bridge/state online');
  expect(topics.slice(0, online).some((line) => line.startsWith('plot2mqtt/job/j '))).toBe(true);
  await bus.event('worker_recovered', {}, 2);
  await bus.command('bridge/request/job/list');
  expect(bus.events({ type: 'worker_started' })).toHaveLength(2);
  await bus.shows('job/j', { workers: 2, pending: 0 });
});

test('what a plotter failed with while the daemon was away is known', async () => {
  const jobs = { j: { ...ENDLESS, command: `${waitForFile('go')}; echo 'Error: no luck'; exit 9` } };
  const daemon = await startDaemon({ broker: 'mosquitto', config: { jobs } });
  const { bus } = daemon;
  await bus.command('job/j/do/start');
  const { worker } = await bus.event('plotter_started');
  await daemon.kill();
  await writeFile(daemon.path('go'), '');
  await ended(daemon, worker ?? '');
  await daemon.start();
  const end = await bus.event('worker_end');
  expect(end).toMatchObject({ result: 'failed', error: expect.stringMatching(/9.*no luck/) });
  expect(await bus.event('plotter_finished')).toMatchObject({ exit_code: 9, plot: null });
});

test.each(['before', 'after'])(
  'a wrapper that is killed by hand %s a restart fails its worker',
  async (when) => {
    const daemon = await startDaemon({
      broker: 'mosquitto',
      config: { jobs: { j: { ...ENDLESS, stop_grace: '1s' } } },
    });
    const { bus } = daemon;
    await bus.command('job/j/do/start');
    const { worker, pid } = await bus.event('plotter_started');
    await bus.event('stage_started', { stage: '1.1' });
    if (when === 'after') await daemon.restart();
    process.kill(Number(pid), 'SIGKILL');
    const end = await bus.event('worker_end');
    expect(end).toMatchObject({ worker, result: 'failed', error: expect.stringMatching(/gone|killed/) });
    expect(daemon.workerProcesses(worker ?? '')).toEqual([]);
    expect(await readdir(daemon.path('tmp'))).toEqual([]);
  },
);

test('a wrapper that was killed while the daemon was away fails its worker', async () => {
  const daemon = await startDaemon({ broker: 'mosquitto', config: { jobs: { j: ENDLESS } } });
  const { bus } = daemon;
  await bus.command('job/j/do/start');
  const { worker, pid } = await bus.event('plotter_started');
  await bus.event('stage_started', { stage: '1.1' });
  await daemon.kill();
  process.kill(-Number(pid), 'SIGKILL');
  await ended(daemon, worker ?? '');
  await daemon.start();
  expect(await bus.event('worker_end')).toMatchObject({ worker, result: 'failed' });
});

test('a dismissal that a crash interrupts goes on', async () => {
  const jobs = { j: { ...ENDLESS, command: `${ENDLESS.command} --ignore-term`, stop_grace: '2s' } };
  const daemon = await startDaemon({ broker: 'mosquitto', config: { jobs } });
  const { bus } = daemon;
  await bus.command('job/j/do/start');
  const { worker } = await bus.event('stage_started', { stage: '1.1' });
  await bus.publish('job/j/worker/1/do/dismiss', '');
  // Answered after the dismissal was written down, since commands are taken in order.
  await bus.command('bridge/request/job/list');
  await daemon.restart();
  await bus.event('worker_dismissed', { worker });
  expect(daemon.workerProcesses(worker ?? '')).toEqual([]);
  expect(await readdir(daemon.path('tmp'))).toEqual([]);
});

test('a delayed named event fires once, also when the daemon was away at its time', async () => {
  const job = {
    ...QUICK,
    events: [{ fire: 'later', on: 'worker_end', delay: '2s' }],
    starts: [{ on: 'later' }],
    plots_to_do: 2,
  };
  const daemon = await startDaemon({ broker: 'mosquitto', config: { jobs: { j: job } } });
  const { bus } = daemon;
  await bus.command('job/j/do/start');
  await bus.event('worker_end');
  await daemon.restart();
  await bus.event('job_end');
  expect(bus.events({ type: 'event_fired' }).length).toBeGreaterThan(0);
  expect(bus.events({ type: 'worker_started' })).toHaveLength(2);
});

test('@startup starts nothing for a job that has a worker, and something for one that has none', async () => {
  const starts = [{ on: '@startup' }];
  const jobs = { busy: { ...ENDLESS, starts, max_workers: 5 }, quick: { ...QUICK, starts, max_workers: 5 } };
  const daemon = await startDaemon({ broker: 'mosquitto', config: { jobs } });
  const { bus } = daemon;
  await bus.event('worker_end', { job: 'quick' });
  await daemon.restart();
  await bus.event('worker_end', { job: 'quick' }, 2);
  expect(bus.events({ type: 'worker_started', job: 'busy' })).toHaveLength(1);
});
