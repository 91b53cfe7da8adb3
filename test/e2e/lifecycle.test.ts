import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BROKERS, startDaemon } from '../support/e2e/daemon.ts';
import { allow, QUICK, STEPPING_JOB } from '../support/e2e/plotters.ts';

/** A name in which a shell would find commands. */
const HOSTILE = `a'b $(touch x) \`touch x\` "; touch x #`;

async function variables(file: string): Promise<Record<string, string>> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.startsWith('PLOT2MQTT_'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

describe.each(BROKERS)('a worker, %s broker', (broker) => {
  test('runs its commands with their environment, and no directory name becomes a command', async () => {
    const daemon = await startDaemon({
      broker,
      files: { [`${HOSTILE}/t/.keep`]: '', [`${HOSTILE}/d/.keep`]: '' },
      config: {
        jobs: {
          j: {
            ...QUICK,
            command: `env > plotter.env; ${QUICK.command}`,
            arguments: { temp_dir: `${HOSTILE}/t`, dest_dir: `${HOSTILE}/d` },
            pre_command: 'env > pre.env',
            post_command: 'env > post.env; printf %s %plot% > named; mv %plot% "$PLOT2MQTT_DEST_DIR/moved"',
          },
        },
      },
    });
    const { bus } = daemon;
    await bus.command('job/j/do/start');
    const end = await bus.event('worker_end');
    expect(end).toMatchObject({ result: 'done', error: null, slot: 1 });
    const dest = daemon.path(HOSTILE, 'd');
    const own = {
      PLOT2MQTT_JOB: 'j',
      PLOT2MQTT_WORKER: end.worker,
      PLOT2MQTT_SLOT: '1',
      PLOT2MQTT_DEST_DIR: dest,
    };
    for (const step of ['pre', 'plotter', 'post'])
      expect(await variables(daemon.path(`${step}.env`))).toMatchObject(own);
    expect(await variables(daemon.path('pre.env'))).not.toHaveProperty('PLOT2MQTT_PLOT');
    expect(await variables(daemon.path('post.env'))).toHaveProperty('PLOT2MQTT_PLOT', end.plot);
    expect(await readFile(daemon.path('named'), 'utf8')).toBe(end.plot);
    expect(await readdir(dest)).toEqual(['.keep', 'moved']);
    expect(await readdir(daemon.path(HOSTILE, 't'))).toEqual(['.keep']);
    const everything = await readdir(daemon.dir, { recursive: true });
    expect(everything.filter((name) => basename(name) === 'x')).toEqual([]);
  });

  test('goes through its statuses, and leaves nothing but the plot', async () => {
    const jobs = {
      j: {
        ...STEPPING_JOB,
        pre_command: 'until [ -e pre ]; do sleep 0.02; done',
        post_command: 'until [ -e post ]; do sleep 0.02; done',
      },
    };
    const daemon = await startDaemon({ broker, config: { jobs } });
    const { bus } = daemon;
    await bus.command('job/j/do/start');
    await bus.shows('job/j/worker/1', { status: 'pre_process', stage: null });
    expect(bus.object('job/j')).toMatchObject({ state: 'running', workers: 1 });
    await writeFile(daemon.path('pre'), '');
    await bus.shows('job/j/worker/1', { status: 'plotting', stage: '1.7' });
    const worker = String(bus.object('job/j/worker/1').worker);
    expect(await readdir(daemon.path('tmp'))).toEqual([`plot2mqtt-${worker}`]);
    expect(await readdir(daemon.path('data', 'workers'))).toEqual([worker]);
    await allow(daemon, 1, 2, 3);
    expect(await bus.shows('job/j/worker/1', { stage: '4' })).toMatchObject({
      stage_title: expect.any(String),
    });
    await allow(daemon, 'all');
    await bus.shows('job/j/worker/1', { status: 'post_process', progress: 100 });
    await writeFile(daemon.path('post'), '');
    await bus.shows('job/j/worker/1', { status: 'idle', worker: null });
    const statuses = () => {
      const all = bus.messages
        .filter(({ topic }) => topic === 'plot2mqtt/job/j/worker/1/status')
        .map(({ text }) => text)
        .filter((text, index, texts) => text !== texts[index - 1]);
      return all.slice(all.indexOf('pre_process'));
    };
    // Where the broker came with the daemon, `idle` was on it before anybody could listen. The last comes after the object.
    await expect.poll(statuses).toEqual(['pre_process', 'plotting', 'post_process', 'cleanup', 'idle']);
    expect(await readdir(daemon.path('tmp'))).toEqual([]);
    expect(await readdir(daemon.path('plots'))).toHaveLength(1);
    expect(await readdir(daemon.path('data', 'workers'))).toEqual([]);
    expect(await readdir(daemon.path('data'))).not.toContain('logs');
    expect(daemon.workerProcesses(worker)).toEqual([]);
  });
});

test('an old plot makes room for a new one, and nothing else is ever removed', async () => {
  const id = 'c'.repeat(64);
  const old = [`plot-k32-2020-01-02-03-04-${id}.plot`, `plot-k32-2021-01-02-03-04-${id}.plot`];
  const kept = [`plot-k32-2030-01-02-03-04-${id}.plot`, 'plot-k32-2019-01-01-01-01-x.plot.tmp', 'notes.txt'];
  const daemon = await startDaemon({
    files: Object.fromEntries([...old, ...kept].map((name) => [`plots/${name}`, 'plot'])),
    config: {
      jobs: {
        j: { ...QUICK, replot: { before: '2026-01-01T00:00:00Z' }, plots_to_do: 3, pre_command: 'true' },
      },
    },
  });
  const { bus } = daemon;
  await mkdir(daemon.path('plots', 'plot-k32-2018-01-01-01-01-directory.plot'));
  await symlink(
    daemon.path('plots', 'notes.txt'),
    daemon.path('plots', 'plot-k32-2018-01-01-01-02-link.plot'),
  );
  kept.push('plot-k32-2018-01-01-01-01-directory.plot', 'plot-k32-2018-01-01-01-02-link.plot');
  for (const count of [1, 2, 3]) {
    await bus.command('job/j/do/start');
    await bus.event('worker_end', { result: 'done' }, count);
  }
  const removed = bus.events({ type: 'replot_removed' });
  expect(removed.map(({ file, size }) => ({ file, size }))).toEqual(
    old.map((name) => ({ file: daemon.path('plots', name), size: 4 })),
  );
  expect(bus.story(removed[0]?.worker ?? '').slice(0, 5)).toEqual([
    ...['worker_started', 'pre_process_started', 'pre_process_finished', 'replot_removed', 'plotter_started'],
  ]);
  const now = await readdir(daemon.path('plots'));
  expect(now).toEqual(expect.arrayContaining(kept));
  expect(now).toHaveLength(kept.length + 3);
});

test('the logs of the next workers are kept, counted over restarts', async () => {
  const commands = { pre_command: 'echo before', post_command: 'echo after' };
  const daemon = await startDaemon({ config: { jobs: { j: { ...QUICK, ...commands, save_logs: 2 } } } });
  const { bus } = daemon;
  const workers: string[] = [];
  for (const count of [1, 2, 3]) {
    await bus.command('job/j/do/start');
    workers.push((await bus.event('worker_end', {}, count)).worker ?? '');
    if (count === 1) await daemon.restart();
  }
  const kept = workers.slice(0, 2);
  expect((await readdir(daemon.path('data', 'logs'))).toSorted()).toEqual(
    kept.flatMap((worker) => [`${worker}.txt`, `${worker}_post.txt`, `${worker}_pre.txt`]).toSorted(),
  );
  for (const worker of kept) {
    const log = (suffix: string) => daemon.lines('data', 'logs', `${worker}${suffix}.txt`);
    expect(await log('_pre')).toEqual(['before']);
    expect(await log('_post')).toEqual(['after']);
    expect((await log('')).join('\n')).toContain('Phase 4 took');
  }
});

test('named events chain jobs, with delays, and silent jobs fire none', async () => {
  const daemon = await startDaemon({
    config: {
      jobs: {
        first: {
          ...QUICK,
          events: [
            { fire: 'two', on: 'stage_started', stage: '2', delay: 0.2 },
            { fire: 'done', on: 'worker_end' },
            { fire: 'third', on: 'plotter_finished' },
          ],
          plots_to_do: 1,
        },
        second: {
          ...QUICK,
          starts: [{ on: 'two', workers: 3 }],
          max_workers: 2,
          plots_to_do: 2,
          emit_events: false,
          events: [{ fire: 'third', on: 'worker_end' }],
        },
        third: { ...QUICK, starts: [{ on: 'third' }], max_workers: 5 },
        off: { ...QUICK, starts: [{ on: 'done' }], enabled: false },
      },
    },
  });
  const { bus } = daemon;
  await bus.command('job/first/do/start');
  await bus.event('job_end', { job: 'first' });
  await bus.event('job_end', { job: 'second' });
  await bus.event('worker_end', { job: 'third' });
  await bus.shows('bridge/stats', { workers: 0, plots_done: 4, plots_today: 4 });
  const fired = bus.events({ type: 'event_fired' });
  expect(fired.map(({ name }) => name).toSorted()).toEqual(['done', 'third', 'two']);
  for (const event of fired) expect(event).toMatchObject({ source: 'worker', job: 'first' });
  const started = bus.events({ type: 'worker_started' }).map(({ job }) => job);
  expect(started.toSorted()).toEqual(['first', 'second', 'second', 'third']);
  expect(bus.object('job/off')).toMatchObject({ state: 'disabled', pending: 0 });
});
