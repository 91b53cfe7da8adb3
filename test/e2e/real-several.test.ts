import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { installChia, VALID_KEY } from '../support/chia/install.ts';
import { BROKERS, startDaemon } from '../support/e2e/daemon.ts';

test('the original plotter makes three plots in one process, each counted when it is in its place', async () => {
  const chia = await installChia();
  const job = {
    plotter: 'chia',
    arguments: { k: 18, pool_key: VALID_KEY, farmer_key: VALID_KEY, memory_mib: 200 },
    plots_to_do: 3,
    plots_per_run: 5,
    pre_command: 'echo "$PLOT2MQTT_WORKER" >> pre',
    post_command: 'echo "$PLOT2MQTT_WORKER" %plot% >> post',
  };
  const daemon = await startDaemon({
    broker: BROKERS[0],
    config: { plotters: { chia: { command: chia.command } }, jobs: { real: job } },
  });
  const { bus } = daemon;
  await bus.command('job/real/do/start');
  const first = await bus.event('worker_end');
  // State comes before what tells of it, and the run goes on.
  expect(bus.object('job/real')).toMatchObject({ workers: 1 });
  await daemon.restart('SIGKILL');
  await bus.event('job_end');
  await bus.shows('job/real', { plots_done: 3, plots_failed: 0, workers: 0, state: 'done' });

  const started = bus.events({ type: 'worker_started' });
  const ends = bus.events({ type: 'worker_end' });
  const workers = started.map(({ worker }) => worker);
  expect(started.map(({ run }) => run)).toEqual([workers[0], workers[0], workers[0]]);
  expect(ends.map(({ worker }) => worker)).toEqual(workers);
  expect(ends.map(({ result, error }) => ({ result, error }))).toEqual(
    Array.from({ length: 3 }, () => ({ result: 'done', error: null })),
  );
  expect(first.worker).toBe(workers[0]);
  // The first plot was counted before the last one began.
  const order = bus.events().map(({ type, worker }) => `${type} ${worker}`);
  expect(order.indexOf(`worker_end ${workers[0]}`)).toBeLessThan(
    order.indexOf(`worker_started ${workers[2]}`),
  );
  const plots = ends.map(({ plot }) => String(plot));
  expect((await chia.check(plots)).match(/[1-9]\d* proofs/g)).toHaveLength(3);
  expect(await readdir(daemon.path('plots'))).toHaveLength(3);
  expect(await daemon.lines('pre')).toEqual([workers[0]]);
  expect(await daemon.lines('post')).toEqual(ends.map(({ worker, plot }) => `${worker} ${plot}`));
  expect(await readdir(daemon.path('tmp'))).toEqual([]);
});
