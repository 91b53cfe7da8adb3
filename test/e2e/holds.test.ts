import { describe, expect, test } from 'vitest';
import { FARM_ROWS } from '../../src/contract/rows/farm.ts';
import { plainKeysOf, viewSchema } from '../../src/contract/rows/row.ts';
import { OK, refused } from '../support/e2e/answers.ts';
import { retainedOn } from '../support/e2e/bus.ts';
import { BROKERS, startDaemon } from '../support/e2e/daemon.ts';
import { ENDLESS } from '../support/e2e/plotters.ts';
import { seen } from '../support/e2e/processes.ts';

const changed = (value: boolean) => ({ status: 'ok', data: { changed: value } });
const JOBS = { cpu: { ...ENDLESS, max_workers: 2 }, gpu: ENDLESS };

/** Resolves when a process stands still, or runs; nobody tells it. */
async function untilStill(pid: unknown, still: boolean): Promise<void> {
  const state = () => seen(Number(pid))?.state ?? 'gone';
  await expect.poll(() => /[TtD]/.test(state()), { timeout: 30_000, interval: 20 }).toBe(still);
  expect(state()).not.toBe('gone');
}

describe.each(BROKERS)('holds, %s broker', (broker) => {
  test('suspend the jobs that they hold, over a crash, until the last is released', async () => {
    const holds = { price: { kind: 'no_starts', jobs: ['c*'] } };
    const daemon = await startDaemon({ broker, config: { jobs: JOBS, holds } });
    const { bus } = daemon;
    for (const job of ['cpu', 'gpu'])
      expect(await bus.command(`job/${job}/do/start`)).toMatchObject({ status: 'ok' });
    const { pid: cpu } = await bus.event('plotter_started', { job: 'cpu' });
    const { pid: gpu } = await bus.event('plotter_started', { job: 'gpu' });

    const price = { value: 'on', kind: 'pause', reason: '31 ct/kWh', for: '2h' };
    expect(await bus.command('farm/hold/price', price)).toMatchObject(changed(true));
    expect(bus.object('job/cpu')).toMatchObject({ state: 'paused', paused: false, holds: ['price'] });
    expect(bus.last('job/cpu/holds')?.text).toBe('1');
    expect(bus.object('job/gpu')).toMatchObject({ state: 'running', holds: [] });
    await untilStill(cpu, true);
    await untilStill(gpu, false);
    const start = await bus.command('job/cpu/do/start');
    expect(start).toMatchObject({
      error: { code: 'job_paused', message: "the farm's hold 'price' stands (31 ct/kWh)" },
    });
    expect(await bus.command('job/cpu/hold/heat', 'ON')).toEqual(changed(true));
    expect(await bus.command('job/cpu/hold/heat', 'ON')).toEqual(changed(false));

    await daemon.restart();
    expect(bus.object('job/cpu')).toMatchObject({ state: 'paused', holds: ['price', 'heat'] });
    await untilStill(cpu, true);
    expect(await bus.command('farm/hold/price', '0')).toEqual(changed(true));
    expect(bus.object('job/cpu')).toMatchObject({ state: 'paused', holds: ['heat'] });
    expect(await bus.command('job/cpu/hold/heat', 'OFF')).toEqual(changed(true));
    await untilStill(cpu, false);

    expect((await bus.event('hold_set', { hold: 'price' })).job).toBe(null);
    await bus.event('hold_released', { hold: 'heat', job: 'cpu', by: 'command' });
    await bus.message('job/cpu/event/hold_released');
    expect(await bus.command('job/nobody/hold/heat', 'ON')).toMatchObject(refused('unknown_job'));
    expect(await bus.command('farm/hold/price', 'maybe')).toMatchObject(refused('invalid_payload', null));
  });

  test('the farm has its topics, its limit, and is drained', async () => {
    const daemon = await startDaemon({ broker, config: { jobs: JOBS } });
    const { bus } = daemon;
    const retained = await retainedOn(daemon.url);
    const view: Record<string, unknown> = JSON.parse(retained.get('plot2mqtt/farm')?.text ?? '{}');
    expect(viewSchema(FARM_ROWS).safeParse(view).error).toBeUndefined();
    const topics = [...retained.keys()].filter((topic) => topic.startsWith('plot2mqtt/farm/'));
    expect(topics.toSorted()).toEqual(
      plainKeysOf(FARM_ROWS)
        .map((key) => `plot2mqtt/farm/${key}`)
        .toSorted(),
    );
    expect(bus.last('farm/holds')?.text).toBe('0');
    expect(bus.last('farm/drained')?.text).toBe('OFF');
    expect(bus.last('farm/cost')?.text).toBe('None');

    expect(await bus.command('farm/set/max_workers', '1')).toEqual(OK);
    expect(bus.last('farm/max_workers')?.text).toBe('1');
    expect(await bus.command('job/cpu/do/start')).toMatchObject({ status: 'ok' });
    expect(bus.object('job/gpu')).toMatchObject({ waiting_for: 'farm' });
    expect(await bus.command('job/gpu/do/start')).toMatchObject(refused('limit_reached'));
    await bus.shows('farm', { workers: 1 });

    const from = bus.mark();
    expect(await bus.command('farm/do/stop')).toEqual(OK);
    expect(bus.object('farm')).toMatchObject({
      ...{ drained: true, workers: 0 },
      holds: [{ name: 'drain', kind: 'no_starts', jobs: null, moves: true, reason: null, until: null }],
    });
    const { seq } = await bus.event('farm_drained');
    const told = await bus.message('event', (text) => text.includes('farm_drained'), from);
    const shown = await bus.message('farm/drained', (text) => text === 'ON', from);
    expect(bus.messages.indexOf(shown)).toBeLessThan(bus.messages.indexOf(told));
    expect(bus.events({ type: 'worker_dismissed' })[0]?.seq).toBeLessThan(seq);
  });
});

test('holds of config.yaml stand by the hour, and go with their entry', async () => {
  const holds = { night: { held: '00:00-24:00' } };
  const daemon = await startDaemon({ config: { jobs: JOBS, holds, time_zone: 'Europe/Berlin' } });
  const { bus } = daemon;
  await bus.shows('farm', { drained: false });
  expect(bus.object('farm').holds).toMatchObject([{ name: 'night', kind: 'pause', until: null }]);
  expect(await bus.command('farm/hold/night', 'OFF')).toEqual(changed(true));
  await daemon.restart();
  expect(bus.object('farm').holds).toEqual([]);
  expect(await bus.command('farm/hold/night', 'ON')).toEqual(changed(true));
  await daemon.configure({ jobs: JOBS, holds: {} });
  expect(await bus.command('bridge/request/reload')).toEqual(OK);
  await bus.event('hold_released', { hold: 'night', by: 'config' });
  expect(bus.object('farm').holds).toEqual([]);
});
