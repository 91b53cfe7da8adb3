import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { startDaemon } from '../../support/e2e/daemon.ts';
import { EVENTS_A_PLOT, flood } from '../support/many-events.ts';
import { expectInOrder, missingIn, numbersOf } from '../support/told.ts';

const PLOTS = 3;
/** So many events reach the broker in a life of the daemon, most of them in its first second. */
const EVENTS_A_LIFE = 600;

test('a daemon that is killed soon after each start gets its backlog of events to the broker all the same', async () => {
  const daemon = await startDaemon({
    broker: 'mosquitto',
    mosquitto: 'allow_anonymous true\nmax_queued_messages 0',
  });
  const { bus, mosquitto } = daemon;
  await daemon.stop();
  await daemon.configure(flood(daemon, { plots: PLOTS, workers: 1 }));
  await daemon.start();
  await bus.event('plotter_started');
  await mosquitto?.kill();
  await writeFile(daemon.path('go'), '');
  const history = () => daemon.lines('data', 'history.jsonl');
  await expect.poll(history, { timeout: 60_000 }).toHaveLength(PLOTS);
  await daemon.kill();
  await mosquitto?.restart();
  const told = (from: number) =>
    bus.messages.slice(from).filter(({ topic }) => topic === 'plot2mqtt/event').length;
  const done = () => bus.events({ type: 'job_end' }).length > 0;
  let lives = 0;
  // Each life gets at least those through that it has room for; as many again are for what came twice.
  for (; !done() && lives < (2 * PLOTS * EVENTS_A_PLOT) / EVENTS_A_LIFE; lives += 1) {
    const mark = bus.mark();
    daemon.launch();
    await expect
      .poll(() => done() || told(mark) >= EVENTS_A_LIFE, { timeout: 20_000, interval: 5 })
      .toBe(true);
    await daemon.kill();
  }
  expect(done(), `after ${lives} lives the last event is ${numbersOf(bus).at(-1)}`).toBe(true);
  expect(lives).toBeGreaterThan(1);
  const numbers = numbersOf(bus);
  expectInOrder(numbers);
  expect(missingIn(numbers)).toBe(0);
});
