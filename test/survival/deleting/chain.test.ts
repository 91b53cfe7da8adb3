import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { FAILING, QUICK } from '../../support/e2e/plotters.ts';
import { size } from '../support/size.ts';

const OLD = 300;
const WORKERS = size(8, 100);
const oldPlot = (number: number) => `plot-k32-2021-01-01-00-00-${String(number).padStart(4, '0')}.plot`;
const OLD_PLOTS = Object.fromEntries(
  Array.from({ length: OLD }, (_, number) => [`plots/${oldPlot(number)}`, 'old plot']),
);

/** A job that wants to eat all old plots: each failure starts the next worker, and nothing ever blocks it. */
const EATING = { ...FAILING, check_space: false, max_workers: 0, max_failures: 0 };
const RINGS = {
  'the end of a worker': ['worker_end'],
  'its start, too': ['worker_started', 'worker_failed'],
} as const;

function oldPlots(daemon: TestDaemon): string[] {
  return readdirSync(daemon.path('plots')).filter((name) => name.startsWith('plot-k32-2021'));
}

/** Lets so many workers fail, then stops them all. */
async function letFail(daemon: TestDaemon, job: string, workers = WORKERS): Promise<void> {
  const { bus } = daemon;
  await bus.command(`job/${job}/do/start`);
  // Each look at the old plots takes its time: some of them are waited for at once.
  for (let failed = 10; failed < workers; failed += 10)
    await bus.event('worker_end', { result: 'failed' }, failed);
  await bus.event('worker_end', { result: 'failed' }, workers);
  await bus.command(`job/${job}/set/enabled`, 'OFF');
}

test.for(Object.entries(RINGS))('a ring of failures on %s costs one plot', async ([, moments]) => {
  const eating = {
    ...EATING,
    replot: { before: '2022-01-01T00:00:00Z' },
    events: moments.map((on) => ({ fire: 'again', on })),
    starts: [{ on: 'again', workers: 3 }],
  };
  const daemon = await startDaemon({ files: OLD_PLOTS, config: { jobs: { eating } } });
  await letFail(daemon, 'eating');
  expect(oldPlots(daemon).length).toBe(OLD - 1);
});

test('a job that comes over MQTT removes nothing, whatever date it names', async () => {
  const daemon = await startDaemon({
    files: OLD_PLOTS,
    config: { jobs: { victim: { ...QUICK, enabled: false } } },
  });
  const { bus } = daemon;
  const { command: _, ...eating } = EATING;
  const job = {
    ...eating,
    id: 'eating',
    events: [{ fire: 'again', on: 'worker_end' }],
    starts: [{ on: 'again' }],
  };
  for (const before of ['2099-01-01T00:00:00Z', '2022-01-01T00:00:00Z']) {
    const refused = await bus.command('bridge/request/job/create', { ...job, replot: { before } });
    expect(refused).toMatchObject({ status: 'error', error: { code: 'not_allowed', path: 'replot' } });
  }
  expect(await bus.command('bridge/request/job/create', job)).toMatchObject({ status: 'ok' });
  const changed = await bus.command('bridge/request/job/update', {
    id: 'eating',
    replot: { before: '2022-01-01T00:00:00Z' },
  });
  expect(changed).toMatchObject({ status: 'error', error: { code: 'not_allowed', path: 'replot' } });
  expect(oldPlots(daemon).length).toBe(OLD);
});

test('a job that was made while config.yaml allowed it removes nothing once it does not', async () => {
  const { command, ...job } = QUICK;
  const plotters = { madmax: { command } };
  const daemon = await startDaemon({
    files: OLD_PLOTS,
    config: { plotters, security: { allow_replot_over_mqtt: true }, jobs: { other: QUICK } },
  });
  const { bus } = daemon;
  const made = { ...job, id: 'made', replot: { before: '2022-01-01T00:00:00Z' } };
  expect(await bus.command('bridge/request/job/create', made)).toMatchObject({ status: 'ok' });
  await bus.command('job/made/do/start');
  await bus.event('worker_end', { result: 'done' });
  expect(oldPlots(daemon).length).toBe(OLD - 1);
  await daemon.configure({ plotters, jobs: { other: QUICK } });
  expect(await bus.command('bridge/request/reload')).toMatchObject({ status: 'ok' });
  await bus.command('job/made/do/start');
  await bus.event('worker_end', { result: 'done' }, 2);
  expect(oldPlots(daemon).length).toBe(OLD - 1);
  await bus.message('job/made/last_error', (text) => text.includes('security.allow_replot_over_mqtt'));
  expect(daemon.said.some((line) => line.includes('was made over MQTT with replot'))).toBe(true);
});
