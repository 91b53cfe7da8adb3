import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { Bus, retainedOn } from '../../support/e2e/bus.ts';
import { startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import { flood } from '../support/many-events.ts';
import { rssOf } from '../support/processes.ts';
import { randomFrom } from '../support/random.ts';
import { LONG, size } from '../support/size.ts';
import { expectConsistent, expectInOrder, missingIn, numbersOf, objectOn } from '../support/told.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** A broker that throws nothing away, so that what is missing was lost by the daemon. */
const PATIENT = 'allow_anonymous true\nmax_queued_messages 0';

/** One plot after the other, each half a second. */
const CHAIN = {
  plotter: 'madmax',
  command: 'plot2mqtt simulate madmax --run madmax-k18 --speed 10 --plot-size 4K',
  check_space: false,
  events: [{ fire: 'next', on: 'worker_end' }],
  starts: [{ on: '@startup' }, { on: 'next' }],
};

function brokerOf(daemon: TestDaemon): Mosquitto {
  if (!daemon.mosquitto) throw new Error('no Mosquitto');
  return daemon.mosquitto;
}

/** Stops the chain and waits until the last plot is told. */
async function calm(daemon: TestDaemon): Promise<void> {
  await daemon.bus.command('job/chain/set/enabled', 'OFF');
  await daemon.bus.shows('bridge/stats', { workers: 0 });
}

test(`broker killed and restarted, its memory lost, seed ${SEED}`, async () => {
  const random = randomFrom(SEED);
  const daemon = await startDaemon({
    broker: 'mosquitto',
    mosquitto: PATIENT,
    config: { jobs: { chain: CHAIN } },
  });
  const broker = brokerOf(daemon);
  await daemon.bus.event('worker_end');
  for (let round = 0; round < size(2, 4); round += 1) {
    await sleep(random.between(0, 800));
    await broker.kill();
    await sleep(random.between(0, 1500));
    const mark = daemon.bus.mark();
    await broker.restart();
    await daemon.bus.message('bridge/state', (text) => text === 'online', mark);
    await daemon.bus.until('the next plot', () =>
      daemon.bus.messages.slice(mark).find(({ topic }) => topic.endsWith('/event/worker_end')),
    );
  }
  await calm(daemon);
  const retained = await retainedOn(daemon.url);
  expectConsistent(retained);
  expectInOrder(numbersOf(daemon.bus));
  const history = await daemon.lines('data', 'history.jsonl');
  expect(objectOn(retained, 'plot2mqtt/bridge/stats').plots_done).toBe(history.length);
  expect(objectOn(retained, 'plot2mqtt/job/chain').plots_done).toBe(history.length);
  expect(retained.get('plot2mqtt/bridge/state')?.text).toBe('online');
  // Another daemon on the same state would publish the same topics.
  const topics = [...retained.keys()].sort();
  await daemon.stop();
  await broker.restart();
  const mark = daemon.bus.mark();
  await daemon.start();
  await daemon.bus.shows('bridge/stats', { workers: 0 });
  // The host's figures come when its disks and its memory have answered.
  await daemon.bus.message('host', () => true, mark);
  expect([...(await retainedOn(daemon.url)).keys()].sort()).toEqual(topics);
});

test('broker frozen, its connections open: no event is lost', async () => {
  const daemon = await startDaemon({
    broker: 'mosquitto',
    mosquitto: PATIENT,
    config: { jobs: { chain: CHAIN } },
  });
  const broker = brokerOf(daemon);
  await daemon.bus.event('worker_end');
  const before = (await daemon.lines('data', 'history.jsonl')).length;
  broker.freeze();
  // Longer than the daemon waits for an acknowledgement: it gives the connection up.
  if (LONG) await sleep(25_000);
  await expect
    .poll(async () => (await daemon.lines('data', 'history.jsonl')).length, { timeout: 20_000 })
    .toBeGreaterThan(before + 1);
  const mark = daemon.bus.mark();
  broker.thaw();
  if (LONG) await daemon.bus.message('bridge/state', (text) => text === 'online', mark);
  if (LONG) expect(daemon.said.join('\n')).toContain('acknowledges nothing');
  await calm(daemon);
  const numbers = numbersOf(daemon.bus);
  expectInOrder(numbers);
  expect(missingIn(numbers)).toBe(0);
  const retained = await retainedOn(daemon.url);
  expectConsistent(retained);
  expect(retained.get('plot2mqtt/bridge/state')?.text).toBe('online');
});

test.runIf(LONG)(
  'broker away for more events than are kept: drops are exact, memory bounded',
  async () => {
    // V8 collects late where it may: so little is room for what is kept, and not for what isn't bounded.
    const env = { NODE_OPTIONS: '--max-old-space-size=80' };
    const daemon = await startDaemon({ broker: 'mosquitto', mosquitto: PATIENT, env });
    const broker = brokerOf(daemon);
    await daemon.stop();
    await daemon.configure(flood(daemon, { plots: 40, workers: 2 }));
    await daemon.start();
    await daemon.bus.event('plotter_started', {}, 2);
    // An answer goes out behind the events: the broker has acknowledged those, so that none is both here and dropped.
    await daemon.bus.command('bridge/request/job/list');
    const before = rssOf(daemon.pid);
    await broker.kill();
    const { writeFile } = await import('node:fs/promises');
    await writeFile(daemon.path('go'), '');
    // What is kept, not what the collector hasn't taken yet: the least since the bounds were reached.
    let grown = Number.POSITIVE_INFINITY;
    await expect
      .poll(
        async () => {
          const plots = (await daemon.lines('data', 'history.jsonl')).length;
          if (plots >= 20) grown = Math.min(grown, rssOf(daemon.pid) - before);
          return plots;
        },
        { timeout: 120_000, interval: 250 },
      )
      .toBe(40);
    await broker.restart();
    // The daemon tells its health once a minute.
    const patience = { timeout: 140_000, interval: 1000 };
    await vi.waitFor(() => expect(daemon.bus.events({ type: 'job_end' })).toHaveLength(1), patience);
    const numbers = numbersOf(daemon.bus);
    expectInOrder(numbers);
    expect(missingIn(numbers)).toBeGreaterThan(60_000);
    await vi.waitFor(
      () => expect(daemon.bus.object('bridge/health').mqtt_dropped).toBe(missingIn(numbers)),
      patience,
    );
    expect(grown).toBeLessThan(150);
  },
  300_000,
);

test('passwords refused, then right again', async () => {
  const daemon = await startDaemon({
    broker: 'mosquitto',
    mosquitto: PATIENT,
    config: { mqtt: { username: 'plot', password: 'canary-secret' }, jobs: { chain: CHAIN } },
  });
  expect(daemon.bus.last('bridge/state')?.text).toBe('online');
  const { execFileSync } = await import('node:child_process');
  const { startMosquitto } = await import('../../support/mosquitto.ts');
  const passwords = daemon.path('passwords');
  const passwd = (password: string) =>
    execFileSync('mosquitto_passwd', ['-b', '-c', passwords, 'plot', password]);
  const { port } = brokerOf(daemon);
  await brokerOf(daemon).kill();
  passwd('another');
  const strict = { port, config: `allow_anonymous false\npassword_file ${passwords}` };
  const refusing = await startMosquitto(strict);
  await expect.poll(() => daemon.said.join('\n'), { timeout: 20_000 }).toMatch(/password/);
  await refusing.stop();
  passwd('canary-secret');
  const letting = await startMosquitto(strict);
  const began = performance.now();
  const bus = await Bus.connect(daemon.url, 'plot2mqtt', { username: 'plot', password: 'canary-secret' });
  await bus.message('bridge/state', (text) => text === 'online');
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(await bus.command('job/chain/set/enabled', 'OFF')).toMatchObject({ status: 'ok' });
  await bus.end();
  await letting.stop();
  expect(daemon.said.join('\n')).not.toContain('canary-secret');
});
