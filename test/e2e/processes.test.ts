import { readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { BROKERS, startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { allow, ENDLESS, QUICK, STEPPING_JOB } from '../support/e2e/plotters.ts';
import { groupOf, seen } from '../support/e2e/processes.ts';

/**
 * Whether the processes of a worker's group run or stand still, each once. One that waits for a child which was
 * stopped before it could begin (vfork) is in state D.
 */
function states(pid: number): string[] {
  return [
    ...new Set(groupOf(pid).map(({ state }) => (state === 'T' || state === 'D' ? 'still' : 'running'))),
  ];
}

async function plotting(daemon: TestDaemon, job = 'j', count = 1): Promise<{ worker: string; pid: number }> {
  const { worker, pid } = await daemon.bus.event('plotter_started', { job }, count);
  await daemon.bus.event('stage_started', { worker, stage: '1.1' });
  return { worker: worker ?? '', pid: Number(pid) };
}

describe.each(BROKERS)('processes, %s broker', (broker) => {
  test("a paused job's plotters stand still, also over a restart, and go on afterwards", async () => {
    const daemon = await startDaemon({
      broker,
      config: { jobs: { j: { ...STEPPING_JOB, plots_to_do: 1 } } },
    });
    const { bus } = daemon;
    await bus.command('job/j/do/start');
    const { worker, pid } = await plotting(daemon);
    expect(seen(pid)).toMatchObject({ pid, group: pid });
    expect(groupOf(pid).length).toBeGreaterThan(1);

    await bus.command('job/j/set/paused', 'ON');
    await vi.waitFor(() => expect(states(pid)).toEqual(['still']));
    expect(bus.object('job/j')).toMatchObject({ state: 'paused', paused: true, workers: 1 });
    expect(bus.object('job/j/worker/1')).toMatchObject({ status: 'paused', paused: false });
    await daemon.restart();
    await bus.shows('job/j/worker/1', { status: 'paused', worker });
    expect(states(pid)).toEqual(['still']);

    // Paused by itself as well: suspended while either holds.
    await bus.command('job/j/worker/1/set/paused', 'ON');
    await bus.command('job/j/set/paused', 'OFF');
    expect(states(pid)).toEqual(['still']);
    expect(bus.object('job/j/worker/1')).toMatchObject({ status: 'paused', paused: true });
    await bus.command('job/j/worker/1/set/paused', 'OFF');
    await vi.waitFor(() => expect(states(pid)).toEqual(['running']));
    await allow(daemon, 'all');
    await bus.event('job_end');
    // Whether a client hears what a daemon tells at once that brings its own broker is a matter of luck.
    const told = bus.story(worker, ['progress', 'stage_started', 'stage_finished', 'worker_recovered']);
    expect(told).toEqual([
      ...['worker_started', 'plotter_started', 'worker_paused', 'worker_resumed'],
      ...['plotter_finished', 'worker_end', 'job_end'],
    ]);
  });

  test('a plotter that ignores SIGTERM is killed after the grace time, and nothing of it stays', async () => {
    const jobs = { j: { ...ENDLESS, command: `${ENDLESS.command} --ignore-term`, stop_grace: '1s' } };
    const daemon = await startDaemon({ broker, config: { jobs } });
    const { bus } = daemon;
    await bus.command('job/j/do/start');
    const { worker, pid } = await plotting(daemon);
    expect(await bus.command('job/j/do/dismiss')).toMatchObject({ status: 'ok' });
    expect(groupOf(pid)).toEqual([]);
    expect(daemon.workerProcesses(worker)).toEqual([]);
    expect(await readdir(daemon.path('tmp'))).toEqual([]);
    expect(await readdir(daemon.path('data', 'workers'))).toEqual([]);
    expect(bus.events({ worker }).at(-1)?.type).toBe('worker_dismissed');
    expect(bus.object('job/j')).toMatchObject({ workers: 0, failures: 0, state: 'idle' });
    const [line = ''] = await daemon.lines('data', 'history.jsonl');
    expect(JSON.parse(line)).toMatchObject({ worker, result: 'dismissed', plot: null, error: null });
  });
});

test('a paused worker can be dismissed', async () => {
  const daemon = await startDaemon({ config: { jobs: { j: ENDLESS } } });
  const { bus } = daemon;
  await bus.command('job/j/do/start');
  const { worker, pid } = await plotting(daemon);
  await bus.command('job/j/worker/1/set/paused', 'ON');
  await vi.waitFor(() => expect(states(pid)).toEqual(['still']));
  expect(await bus.command('job/j/worker/1/do/dismiss')).toMatchObject({ status: 'ok' });
  expect(daemon.workerProcesses(worker)).toEqual([]);
});

test('a plotter runs on its CPUs, with its niceness, in a session of its own', async () => {
  const daemon = await startDaemon({ config: { jobs: { j: { ...ENDLESS, cpus: [0], nice: 7 } } } });
  await daemon.bus.command('job/j/do/start');
  const { pid } = await plotting(daemon);
  const group = groupOf(pid);
  expect(group.length).toBeGreaterThan(1);
  for (const process of group) {
    expect(process.nice).toBe(7);
    const status = await readFile(`/proc/${process.pid}/status`, 'utf8');
    expect(status).toMatch(/^Cpus_allowed_list:\t0$/m);
  }
  expect(seen(daemon.pid)?.nice).toBe(0);
  expect(seen(daemon.pid)?.group).not.toBe(pid);
});

test('a pre-command runs to its end while the job is paused, and the worker waits behind it', async () => {
  const daemon = await startDaemon({
    config: {
      jobs: { j: { ...QUICK, pre_command: 'until [ -e go ]; do sleep 0.02; done', plots_to_do: 1 } },
    },
    files: {},
  });
  const { bus } = daemon;
  await bus.command('job/j/do/start');
  const { pid } = await bus.event('pre_process_started');
  await bus.command('job/j/set/paused', 'ON');
  expect(states(Number(pid))).toEqual(['running']);
  await daemon.bus.command('job/j/set/max_workers', '2');
  await writeFile(daemon.path('go'), '');
  await bus.event('pre_process_finished');
  await bus.shows('job/j/worker/1', { status: 'paused' });
  await daemon.restart();
  expect(bus.events({ type: 'plotter_started' })).toEqual([]);
  await bus.command('job/j/set/paused', 'OFF');
  await bus.event('job_end');
  expect(bus.events({ type: 'pre_process_started' })).toHaveLength(1);
});

test('what a pause holds back is pending, within the limits, and starts when it is over', async () => {
  const daemon = await startDaemon({
    config: { jobs: { j: { ...QUICK, starts: [{ on: 'go', workers: 5 }], max_workers: 2, plots_to_do: 3 } } },
  });
  const { bus } = daemon;
  await bus.command('job/j/set/paused', 'ON');
  await bus.command('fire/go');
  expect(bus.object('job/j')).toMatchObject({ pending: 2, workers: 0, state: 'paused' });
  await daemon.restart();
  await bus.shows('job/j', { pending: 2, paused: true });
  await bus.command('job/j/set/paused', 'OFF');
  await bus.event('worker_end', {}, 2);
  await bus.shows('job/j', { pending: 0, plots_done: 2, workers: 0 });
});
