import { expect, test } from 'vitest';
import type { Bus, EventMessage } from '../../support/e2e/bus.ts';
import { BROKERS, startDaemon } from '../../support/e2e/daemon.ts';
import { size } from '../support/size.ts';

/** Plots one after the other, up to a number of them. */
const job = (plots_to_do: number) => ({
  plotter: 'madmax',
  command: 'plot2mqtt simulate madmax --run madmax-k18 --speed 10 --plot-size 4K',
  check_space: false,
  max_workers: 2,
  plots_to_do,
  events: [{ fire: 'next', on: 'worker_end' }],
  starts: [{ on: '@startup' }, { on: 'next' }],
});

type Shown = Map<string, string>;

/** What an automation reads at an event, beside what the event says; `null` where there is nothing to compare. */
function readings(bus: Bus, shown: Shown, event: EventMessage, ended: number): [number, number][] {
  const job = bus.topic(`job/${event.job}`);
  const plain = (key: string) => Number(shown.get(`${job}/${key}`));
  const object = (rest: string): Record<string, unknown> => JSON.parse(shown.get(bus.topic(rest)) ?? '{}');
  const inObject = Number(object(`job/${event.job}`).plots_done);
  switch (event.type) {
    case 'worker_end':
      return [plain('plots_done'), inObject, Number(object('bridge/stats').plots_done)].map((done) => [
        done,
        ended,
      ]);
    case 'job_end':
      return [plain('plots_done'), inObject].map((done) => [done, Number(event.plots_done)]);
    case 'progress': {
      const worker = object(`job/${event.job}/worker/${event.slot}`);
      if (worker.worker !== event.worker) return [];
      return [[Number(worker.progress), Number(event.percent)]];
    }
    default:
      return [];
  }
}

/** Looks, at each event, at what was last heard of its job: it says at least as much. */
function expectStateFirst(bus: Bus): void {
  const shown: Shown = new Map();
  const heard = new Set<string>();
  let [ended, compared] = [0, 0];
  for (const { topic, text } of bus.messages) {
    shown.set(topic, text);
    if (!/\/event(\/\w+)?$/.test(topic)) continue;
    const event: EventMessage = JSON.parse(text);
    if (event.type === 'worker_end' && !heard.has(event.id)) ended += 1;
    heard.add(event.id);
    for (const [read, told] of readings(bus, shown, event, ended)) {
      expect(read, `${topic} ${text}`).toBeGreaterThanOrEqual(told);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(20);
}

test.each(BROKERS)('whoever acts on an event finds the state that it tells of, on %s', async (broker) => {
  const plots = size(4, 15);
  const mqtt = { progress_interval: 0.3 };
  const daemon = await startDaemon({ broker, config: { mqtt, jobs: { chain: job(plots) } } });
  await daemon.bus.event('job_end', { plots_done: plots });
  expect(daemon.bus.events({ type: 'worker_end', result: 'done' })).toHaveLength(plots);
  expectStateFirst(daemon.bus);
});
