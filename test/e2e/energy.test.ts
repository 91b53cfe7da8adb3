import { execa } from 'execa';
import { expect, test } from 'vitest';
import { OK } from '../support/e2e/answers.ts';
import { startDaemon, type TestDaemon } from '../support/e2e/daemon.ts';
import { allow, STEPPING_JOB } from '../support/e2e/plotters.ts';

const IDLE = 100;
const ENERGY = { power_topic: 'home/rig/SENSOR', power_key: 'ENERGY.Power', idle_watts: IDLE, price: 0.5 };
/** Heavy enough for a plot of a moment: 36 kW above idle. */
const WATTS = 36_000 + IDLE;

interface Line {
  worker: string;
  result: string;
  energy_kwh: number | null;
  cost: number | null;
}

async function meterSays(daemon: TestDaemon, watts: number, ...options: string[]): Promise<void> {
  const payload = JSON.stringify({ Time: 'now', ENERGY: { Power: watts } });
  const where = ['-p', `${daemon.mosquitto?.port}`, '-t', ENERGY.power_topic];
  await execa('mosquitto_pub', [...where, '-q', '1', '-m', payload, ...options]);
  // What is answered after it was heard after it.
  expect(await daemon.bus.command('bridge/request/job/list')).toMatchObject({ status: 'ok' });
}

async function startOne(daemon: TestDaemon, job: string): Promise<string> {
  const { bus } = daemon;
  const answer = await bus.command(`job/${job}/do/start`);
  expect(answer).toMatchObject({ status: 'ok' });
  const { worker } = await bus.event('plotter_started', { job }, 1);
  return worker ?? '';
}

async function lines(daemon: TestDaemon): Promise<Line[]> {
  const text = await daemon.lines('data', 'history.jsonl');
  return text.map((line): Line => JSON.parse(line));
}

const sumOf = (all: Line[], key: 'energy_kwh' | 'cost') =>
  all.reduce((sum, line) => sum + (line[key] ?? 0), 0);

test('what a meter says is shared among those that plot, over kills, and read anew on a reload', async () => {
  const job = { ...STEPPING_JOB, max_workers: 1 };
  const config = { jobs: { one: job, two: job, three: job }, energy: ENERGY };
  const daemon = await startDaemon({ broker: 'mosquitto', config });
  const { bus } = daemon;
  expect(bus.object('farm')).toMatchObject({ energy_kwh: 0, cost: 0 });
  expect(bus.last('job/one/last_plot_kwh')?.text).toBe('None');

  const began = performance.now();
  // Of what is retained nobody knows how old it is; the daemon that comes up again finds it, too.
  await meterSays(daemon, WATTS, '-r');
  const one = await startOne(daemon, 'one');
  const two = await startOne(daemon, 'two');
  await daemon.restart();
  await meterSays(daemon, WATTS);
  expect(await bus.command('job/two/do/dismiss')).toEqual(OK);
  await daemon.restart();
  await meterSays(daemon, WATTS);
  await allow(daemon, 'all');
  await bus.event('worker_end', { worker: one });
  const most = (36 * (performance.now() - began)) / 3_600_000;

  await expect.poll(async () => (await lines(daemon)).length, { timeout: 20_000 }).toBe(2);
  const ended = await lines(daemon);
  const [dismissed, done] = [two, one].map((id) => ended.find(({ worker }) => worker === id));
  expect(dismissed).toMatchObject({ result: 'dismissed', energy_kwh: expect.any(Number) });
  expect(done).toMatchObject({ result: 'done', energy_kwh: expect.any(Number) });
  for (const line of ended) {
    expect(line.energy_kwh).toBeGreaterThan(0);
    expect(line.cost).toBeCloseTo((line.energy_kwh ?? 0) / 2, 5);
  }
  const total = sumOf(ended, 'energy_kwh');
  expect(total).toBeLessThan(most);
  await bus.shows('job/one', { last_plot_kwh: done?.energy_kwh, average_plot_kwh: done?.energy_kwh });
  const farm = bus.object('farm');
  expect(farm.energy_kwh).toBeCloseTo(total, 5);
  expect(farm.cost).toBeCloseTo(total / 2, 5);
  const asked = await bus.command('bridge/request/history', { job: 'one' });
  expect(asked).toMatchObject({ data: { plots: [{ energy_kwh: done?.energy_kwh, cost: done?.cost }] } });

  // From now on all of it is idling.
  await daemon.configure({ ...config, energy: { ...ENERGY, idle_watts: WATTS } });
  expect(await bus.command('bridge/request/reload')).toEqual(OK);
  await daemon.restart();
  expect(bus.object('farm').energy_kwh).toBe(farm.energy_kwh);
  await meterSays(daemon, WATTS);
  const three = await startOne(daemon, 'three');
  await bus.event('worker_end', { worker: three });
  await expect
    .poll(async () => (await lines(daemon)).find(({ worker }) => worker === three), { timeout: 20_000 })
    .toMatchObject({ energy_kwh: 0, cost: 0 });
  expect(bus.object('farm').energy_kwh).toBe(farm.energy_kwh);
});
