import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readOwner } from '../../../src/storage/instance.ts';
import { type Message, retainedOn } from '../../support/e2e/bus.ts';
import { type ConfigInput, prepareDaemon, startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import { connectClient } from '../../support/mqtt-client.ts';
import { LONG } from '../support/size.ts';

/** One plot after the other, each half a second. */
const CHAIN = {
  plotter: 'madmax',
  command: 'plot2mqtt simulate madmax --run madmax-k18 --speed 10 --plot-size 4K',
  check_space: false,
  events: [{ fire: 'next', on: 'worker_end' }],
  starts: [{ on: '@startup' }, { on: 'next' }],
};

const until = (check: () => void | Promise<void>, timeout = 20_000) =>
  vi.waitFor(check, { timeout, interval: 50 });

function brokerOf(daemon: TestDaemon): Mosquitto {
  if (!daemon.mosquitto) throw new Error('no Mosquitto');
  return daemon.mosquitto;
}

/** Another daemon for the broker of the first one, with a `data_dir` of its own. */
function neighbour(
  first: TestDaemon,
  base_topic = 'plot2mqtt',
  config: ConfigInput = {},
): Promise<TestDaemon> {
  return prepareDaemon({
    broker: 'none',
    config: { mqtt: { broker: first.url, base_topic }, jobs: { other: CHAIN }, ...config },
  });
}

/** Starts a daemon that is to end at once. */
async function ends(daemon: TestDaemon): Promise<{ code: number | null; said: string }> {
  const [code] = await once(daemon.launch(), 'close');
  return { code, said: daemon.said.join('\n') };
}

/** What a daemon has said `online` on its base topic with, seen by a client of another daemon. */
async function online(bus: TestDaemon['bus'], base: string, from = 0): Promise<void> {
  await bus.until(`online on ${base}`, () =>
    bus.messages.slice(from).find(({ topic, text }) => topic === `${base}/bridge/state` && text === 'online'),
  );
}

const texts = (retained: Map<string, Message>, matches: (topic: string) => boolean) =>
  Object.fromEntries(
    [...retained].filter(([topic]) => matches(topic)).map(([topic, { text }]) => [topic, text]),
  );
const instanceOn = (retained: Map<string, Message>, base: string): string =>
  JSON.parse(retained.get(`${base}/bridge/info`)?.text ?? '{}').instance;
/** All but what moves by itself. */
const isCalm = (topic: string) =>
  !/\/(bridge\/health|host|farm|farm\/(free_bytes|total_bytes|full_at))$/.test(topic);

test('a second daemon on the base topic of a live one ends with 3 and touches nothing', async () => {
  const first = await startDaemon({
    broker: 'mosquitto',
    config: { jobs: { mine: { ...CHAIN, starts: [] } } },
  });
  const before = texts(await retainedOn(first.url), isCalm);
  const mark = first.bus.mark();
  const second = await neighbour(first);
  const { code, said } = await ends(second);
  expect(code).toBe(3);
  expect(said).toMatch(
    /mqtt\.base_topic: \\?"plot2mqtt\\?" is taken: another daemon \(instance \w+\) is alive/,
  );
  expect(second.alive()).toEqual([]);
  expect(await first.bus.command('job/mine/set/max_workers', '1')).toMatchObject({ status: 'ok' });
  const answers = first.bus.messages.slice(mark).filter(({ topic }) => topic.endsWith('/set/max_workers'));
  expect(answers.map(({ topic }) => topic)).toEqual([
    'plot2mqtt/job/mine/set/max_workers',
    'plot2mqtt/bridge/response/job/mine/set/max_workers',
  ]);
  expect(first.bus.messages.slice(mark).filter(({ text }) => text === 'offline')).toEqual([]);
  expect(texts(await retainedOn(first.url), isCalm)).toEqual(before);
});

test.each([
  ['farm', 'farm/rig2'],
  ['farm/rig2', 'farm'],
  ['a', 'a/b/c/d'],
])('a base topic %s is taken where a live daemon has %s', async (wanted, taken) => {
  const first = await prepareDaemon({ broker: 'mosquitto', config: { mqtt: { base_topic: taken } } });
  first.launch();
  const client = await connectClient(first.url, [`${taken}/#`]);
  onTestFinished(() => client.end());
  await until(() => expect(client.last(`${taken}/bridge/state`)).toBe('online'));
  const { code, said } = await ends(await neighbour(first, wanted));
  expect(code).toBe(3);
  expect(said).toContain('one lies in the other');
  expect(client.on(`${taken}/bridge/state`)).toEqual(['online']);
});

test('a daemon of version 1 is one too; one that is dead is none', async () => {
  const first = await prepareDaemon({ broker: 'mosquitto' });
  const old = await connectClient(first.url, ['plot2mqtt/bridge/request/#']);
  onTestFinished(() => old.end());
  const info = { version: '0.1.0', instance: 'abcdef', base_topic: 'plot2mqtt', contract: 2, plotters: [] };
  await old.publish('plot2mqtt/bridge/info', JSON.stringify(info), { retain: true });
  await old.publish('plot2mqtt/bridge/state', 'online', { retain: true });
  const answer = (topic: string, payload: Buffer) => {
    const error = { code: 'unknown_command', message: 'there is no such command', path: null };
    const { transaction } = JSON.parse(payload.toString());
    void old.publish(
      topic.replace('request', 'response'),
      JSON.stringify({ status: 'error', error, transaction }),
    );
  };
  old.client.on('message', answer);
  const { code, said } = await ends(first);
  expect(code).toBe(3);
  expect(said).toContain('mqtt.base_topic');
  old.client.removeListener('message', answer);
  const began = performance.now();
  await first.start();
  await first.bus.value('bridge/state', 'online');
  await until(async () => expect(instanceOn(await retainedOn(first.url), 'plot2mqtt')).not.toBe('abcdef'));
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('of two that meet later the one that was online later steps back, plots on, and takes over in the end', async () => {
  // One that throws nothing away: the second has a lot to tell in the end.
  const mosquitto = 'allow_anonymous true\nmax_queued_messages 0';
  const first = await startDaemon({ broker: 'mosquitto', mosquitto, config: { jobs: { chain: CHAIN } } });
  const broker = brokerOf(first);
  await broker.kill();
  const second = await neighbour(first);
  second.launch();
  await until(async () => expect((await second.lines('data', 'history.jsonl')).length).toBeGreaterThan(0));
  await broker.restart();
  await until(() => expect(second.said.join('\n')).toContain('it publishes nothing and takes no commands'));
  const health = /^the daemon answers, but it publishes nothing .*"plot2mqtt" is taken: another daemon/;
  expect(await second.run(['health'])).toMatchObject({ code: 0, stdout: expect.stringMatching(health) });
  expect(await first.run(['health'])).toMatchObject({ code: 0, stdout: 'the daemon answers\n' });
  await first.bus.value('bridge/state', 'online');
  const mark = first.bus.mark();
  // What it had published before is cleared, since nobody keeps it up any more.
  const isOfOther = ({ topic, text }: Message) => topic.includes('/other') && text !== '';
  const plots = (await second.lines('data', 'history.jsonl')).length;
  await until(async () =>
    expect((await second.lines('data', 'history.jsonl')).length).toBeGreaterThan(plots),
  );
  await first.bus.event('worker_end', { job: 'chain' }, 3);
  expect(first.bus.messages.slice(mark).filter(isOfOther)).toEqual([]);
  expect(await first.bus.command('job/chain/set/enabled', 'OFF')).toMatchObject({ status: 'ok' });
  expect(await first.bus.command('job/other/set/enabled', 'OFF')).toMatchObject({
    error: { code: 'unknown_job' },
  });
  expect(second.said.filter((line) => line.includes('publishes nothing'))).toHaveLength(1);
  if (!LONG) return;
  await first.stop();
  const free = first.bus.mark();
  await until(() => expect(second.said.join('\n')).toContain('is free again'), 90_000);
  expect(await second.run(['health'])).toMatchObject({ code: 0, stdout: 'the daemon answers\n' });
  await online(first.bus, 'plot2mqtt', free);
  await first.bus.until('what the second has to tell', () =>
    first.bus.messages.slice(free).find(({ topic }) => topic === 'plot2mqtt/job/other/event/worker_end'),
  );
});

test('two that find their broker at once agree on one', async () => {
  const first = await prepareDaemon({ broker: 'mosquitto' });
  const broker = brokerOf(first);
  await broker.kill();
  const second = await neighbour(first);
  first.launch();
  second.launch();
  const waiting = (daemon: TestDaemon) => daemon.said.join('\n').includes('trying again');
  await until(() => expect([first, second].map(waiting)).toEqual([true, true]));
  await broker.restart();
  const gaveWay = (daemon: TestDaemon) => daemon.said.join('\n').includes('publishes nothing');
  await until(() => expect([first, second].map(gaveWay).sort()).toEqual([false, true]));
  const client = await connectClient(first.url, ['plot2mqtt/bridge/response/#']);
  onTestFinished(() => client.end());
  await client.publish('plot2mqtt/bridge/request/job/list', '{"transaction":1}');
  await until(() => expect(client.on('plot2mqtt/bridge/response/job/list')).toHaveLength(1));
});

const WITH_DISCOVERY = { homeassistant: { discovery: true } };

/** Another daemon with a copy of the first one's `data_dir`. */
async function copyOf(first: TestDaemon, base_topic: string): Promise<TestDaemon> {
  const copy = await neighbour(first, base_topic, WITH_DISCOVERY);
  await cp(first.path('data'), copy.path('data'), {
    recursive: true,
    filter: (name) => !/\/(lock|daemon|socket)[^/]*$/.test(name),
  });
  return copy;
}

const documents = (retained: Map<string, Message>) =>
  texts(retained, (topic) => topic.startsWith('homeassistant/device/'));

/** The instances in the ids of these documents. */
const instancesIn = (found: Record<string, string>) =>
  [...new Set(Object.keys(found).map((topic) => /plot2mqtt__([0-9a-f]+)__/.exec(topic)?.[1]))].sort();

/** What a daemon has said of new instances that it took: the former and the new one. */
const renewals = (daemon: TestDaemon) =>
  [...daemon.said.join('\n').matchAll(/of its instance (\w+) is alive.*this one is the instance (\w+)/g)].map(
    ([, former, present]) => [former, present],
  );

test('a copied data_dir leaves what the live original has alone, and takes a new instance', async () => {
  const config = { ...WITH_DISCOVERY, jobs: { mine: { ...CHAIN, starts: [] } } };
  const first = await startDaemon({ broker: 'mosquitto', config });
  await until(async () => expect(Object.keys(documents(await retainedOn(first.url)))).toHaveLength(3));
  const before = await retainedOn(first.url);
  const mark = first.bus.mark();
  const copy = await copyOf(first, 'rig2');
  copy.launch();
  await online(first.bus, 'rig2', mark);
  const instance = instanceOn(before, 'plot2mqtt');
  await until(async () =>
    expect(Object.keys(documents(await retainedOn(first.url))).length).toBeGreaterThanOrEqual(6),
  );
  const after = await retainedOn(first.url);
  expect(instanceOn(after, 'plot2mqtt')).toBe(instance);
  expect(instanceOn(after, 'rig2')).not.toBe(instance);
  expect(texts(after, (topic) => topic.startsWith('plot2mqtt/') && isCalm(topic))).toEqual(
    texts(before, (topic) => topic.startsWith('plot2mqtt/') && isCalm(topic)),
  );
  expect(documents(after)).toMatchObject(documents(before));
  const touched = first.bus.messages.slice(mark).filter(({ topic }) => topic.includes(`__${instance}__`));
  expect(touched).toEqual([]);
  // All that says who it is says the same.
  const newInstance = instanceOn(after, 'rig2');
  await until(() => expect(renewals(copy)).toEqual([[instance, newInstance]]));
  expect(readOwner(copy.path('data'))).toMatchObject({ instance: newInstance });
  expect(instancesIn(documents(after))).toEqual([instance, newInstance].sort());
  // It stays what it is, and its original finds nothing wrong with it.
  await copy.stop();
  await first.restart('SIGTERM');
  copy.launch();
  await until(() =>
    expect(first.bus.messages.findLast(({ topic }) => topic === 'rig2/bridge/state')?.text).toBe('online'),
  );
  const later = await retainedOn(first.url);
  expect([instanceOn(later, 'plot2mqtt'), instanceOn(later, 'rig2')]).toEqual([instance, newInstance]);
  expect(readOwner(copy.path('data'))).toMatchObject({ instance: newInstance });
  expect(instancesIn(documents(later))).toEqual([instance, newInstance].sort());
  expect([...renewals(copy), ...renewals(first)]).toHaveLength(1);
});

test('an original that comes back while its copy has its devices takes the new instance itself', async () => {
  const config = { ...WITH_DISCOVERY, jobs: { mine: { ...CHAIN, starts: [] } } };
  const first = await startDaemon({ broker: 'mosquitto', config });
  const instance = instanceOn(await retainedOn(first.url), 'plot2mqtt');
  await first.stop();
  const copy = await copyOf(first, 'rig2');
  copy.launch();
  await online(first.bus, 'rig2');
  // All of them: the copy takes one after the other.
  await until(async () => {
    const all = Object.values(documents(await retainedOn(first.url)));
    for (const document of all) expect(document).toContain('rig2/bridge/state');
    // Entities of directories that the original has are taken away first, and then forgotten.
    for (const document of all) expect(document).not.toMatch(/\{"platform":"\w+"\}/);
  });
  const before = documents(await retainedOn(first.url));
  await first.start();
  await until(async () =>
    expect(Object.keys(documents(await retainedOn(first.url))).length).toBeGreaterThan(
      Object.keys(before).length,
    ),
  );
  const after = await retainedOn(first.url);
  expect(instanceOn(after, 'rig2')).toBe(instance);
  expect(instanceOn(after, 'plot2mqtt')).not.toBe(instance);
  expect(documents(after)).toMatchObject(before);
});

test('another base topic: nothing is left below the old one, devices stay the same', async () => {
  const config = { ...WITH_DISCOVERY, jobs: { mine: { ...CHAIN, starts: [] } } };
  const daemon = await startDaemon({ broker: 'mosquitto', config });
  await until(async () => expect(Object.keys(documents(await retainedOn(daemon.url)))).toHaveLength(3));
  const before = await retainedOn(daemon.url);
  const below = (base: string) => (topic: string) => topic.startsWith(`${base}/`);
  expect(Object.keys(texts(before, below('plot2mqtt'))).length).toBeGreaterThan(30);
  const foreign = { 'plot2mqtt/mine': 'a person’s', 'plot2mqtt/job/mine/note': 'a person’s' };
  for (const [topic, text] of Object.entries(foreign))
    await daemon.bus.client.publishAsync(topic, text, { qos: 1, retain: true });
  await daemon.stop();
  await daemon.configure({ ...config, mqtt: { base_topic: 'rig9' } });
  daemon.launch();
  await online(daemon.bus, 'rig9');
  await until(async () => {
    const after = await retainedOn(daemon.url);
    expect(texts(after, below('plot2mqtt'))).toEqual(foreign);
    expect(Object.keys(documents(after)).sort()).toEqual(Object.keys(documents(before)).sort());
    expect(Object.values(documents(after)).join('')).not.toContain('"plot2mqtt/');
  });
  expect(instanceOn(await retainedOn(daemon.url), 'rig9')).toBe(instanceOn(before, 'plot2mqtt'));
  if (LONG) await until(() => expect(daemon.said.join('\n')).toContain('nothing is left below'));
});

test('below an old base topic that somebody else has now, nothing is cleared', async () => {
  const config = { jobs: { mine: { ...CHAIN, starts: [] } } };
  const daemon = await startDaemon({ broker: 'mosquitto', config });
  await daemon.stop();
  const other = await neighbour(daemon, 'plot2mqtt', { jobs: { other: { ...CHAIN, starts: [] } } });
  const mark = daemon.bus.mark();
  other.launch();
  await online(daemon.bus, 'plot2mqtt', mark);
  await until(async () =>
    expect([...(await retainedOn(daemon.url)).keys()].filter((topic) => topic.includes('/mine'))).toEqual([]),
  );
  const before = texts(await retainedOn(daemon.url), isCalm);
  await daemon.configure({ ...config, mqtt: { base_topic: 'rig9' } });
  daemon.launch();
  await online(daemon.bus, 'rig9');
  // What is to be cleared is cleared within this time: see the test before.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await retainedOn(daemon.url).then((found) => texts(found, (topic) => topic in before))).toEqual(
    before,
  );
});
