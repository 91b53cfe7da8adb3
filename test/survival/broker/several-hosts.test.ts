import { expect, test } from 'vitest';
import { prepareDaemon, startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { QUICK } from '../../support/e2e/plotters.ts';

const MAKES = { ...QUICK, max_workers: 0, events: [{ fire: 'next', at: 'rig2', on: 'worker_end' }] };
const TAKES = { ...QUICK, max_workers: 0, starts: [{ on: 'next' }] };

/** Two hosts on one Mosquitto: what the first one has made starts workers of the second. */
async function twoHosts(): Promise<{ rig1: TestDaemon; rig2: TestDaemon; starts: () => string[] }> {
  const rig1 = await startDaemon({ broker: 'mosquitto', config: { jobs: { makes: MAKES } } });
  const rig2 = await prepareDaemon({
    broker: 'none',
    config: { mqtt: { broker: rig1.url, base_topic: 'rig2' }, jobs: { takes: TAKES } },
  });
  rig2.launch();
  await online(rig1, 'rig2');
  const starts = () => {
    const started = new Set<string>();
    for (const { topic, text } of rig1.bus.messages)
      if (topic === 'rig2/job/takes/event/worker_started') started.add(JSON.parse(text).id);
    return [...started];
  };
  return { rig1, rig2, starts };
}

/** A daemon says `online`, heard by the client of the first one. */
async function online(heard: TestDaemon, base: string, from = 0): Promise<void> {
  await heard.bus.until(`online on ${base}`, () =>
    heard.bus.messages
      .slice(from)
      .find(({ topic, text }) => topic === `${base}/bridge/state` && text === 'online'),
  );
}

/** Plots of a job that its history has, which needs no broker. */
async function made(daemon: TestDaemon, plots: number): Promise<void> {
  await expect
    .poll(async () => (await daemon.lines('data', 'history.jsonl')).length, { timeout: 45_000 })
    .toBe(plots);
}

async function startByHand(daemon: TestDaemon, workers: number): Promise<void> {
  const words = ['start', 'makes', `${workers}`, '--config', daemon.configFile];
  expect(await daemon.run(words)).toMatchObject({ code: 0 });
}

test('a named event at another daemon starts its workers once, whatever dies in between', async () => {
  const { rig1, rig2, starts } = await twoHosts();
  const { bus } = rig1;
  await startByHand(rig1, 2);
  await bus.until('two starts', () => starts().length === 2 || undefined);
  expect(bus.events({ type: 'event_fired' })).toMatchObject([{ target: 'rig2' }, { target: 'rig2' }]);

  // The broker is away, and the daemon that fires is killed meanwhile; the broker's return finds both on their way.
  await rig1.mosquitto?.kill();
  await startByHand(rig1, 3);
  await made(rig1, 5);
  await rig1.kill();
  let mark = bus.mark();
  rig1.launch();
  await rig1.mosquitto?.restart();
  await online(rig1, 'rig2', mark);
  await bus.until('five starts', () => starts().length === 5 || undefined);

  // The other one is killed: what is fired meanwhile waits for it, over a kill of the first one too.
  await rig2.kill();
  await bus.until('rig2 offline', () =>
    bus.messages.findLast(({ topic, text }) => topic === 'rig2/bridge/state' && text === 'offline'),
  );
  await startByHand(rig1, 2);
  await made(rig1, 7);
  await rig1.restart();
  mark = bus.mark();
  rig2.launch();
  await online(rig1, 'rig2', mark);
  await bus.until('seven starts', () => starts().length === 7 || undefined);

  // What was sent before is sent again by whoever doesn't know that it came, to a daemon that has been restarted.
  const sent = bus.messages.filter(({ topic }) => topic === 'rig2/fire/next');
  expect(new Set(sent.map(({ text }) => text)).size).toBe(7);
  mark = bus.mark();
  for (const { text } of sent) await bus.client.publishAsync('rig2/fire/next', text, { qos: 1 });
  await bus.until('every answer', () => {
    const answers = bus.messages
      .slice(mark)
      .filter(({ topic }) => topic === 'rig2/bridge/response/fire/next');
    return answers.length === sent.length ? answers : undefined;
  });
  expect(starts()).toHaveLength(7);
  expect(await rig2.stop()).toBe(0);
});
