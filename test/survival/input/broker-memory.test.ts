import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { generate, type IPublishPacket } from 'mqtt-packet';
import { expect, onTestFinished, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { connectPacket, type RawClient, rawClient, rawConnected } from '../../support/raw-mqtt.ts';
import { rssOf } from '../support/processes.ts';
import { size } from '../support/size.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

function portOf(daemon: TestDaemon): number {
  return Number(new URL(daemon.url).port);
}

/** Connections of one test, ended after it. */
function clients(): { add(client: RawClient): RawClient; open(): number } {
  const all: RawClient[] = [];
  onTestFinished(() => {
    for (const { socket } of all) socket.destroy();
  });
  return {
    add(client) {
      all.push(client);
      return client;
    },
    open: () => all.filter(({ socket }) => !socket.destroyed && socket.writable).length,
  };
}

/** MQTT 5 user properties of about so many bytes, many and small: read, they take many times that. */
function manyProperties(bytes: number): Record<string, string> {
  const properties: Record<string, string> = {};
  for (let index = 0; index < bytes / 12; index += 1)
    properties[`k${index.toString(36).padStart(5, '0')}`] = 'v';
  return properties;
}

/** So many user properties of 64 KiB each. */
function largeProperties(count: number): Record<string, string> {
  const value = 'x'.repeat(64 * KIB - 1);
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]));
}

function publishPacket(topic: string, change: Partial<IPublishPacket> = {}): Buffer {
  const packet = {
    cmd: 'publish',
    topic,
    payload: 'x',
    qos: 0,
    retain: true,
    dup: false,
    ...change,
  } as const;
  return generate(packet, { protocolVersion: 5 });
}

/** Writes as fast as it is read; ends where the other side does. */
async function write(client: RawClient, bytes: Buffer): Promise<void> {
  if (client.socket.destroyed || client.socket.write(bytes)) return;
  await client.drained();
}

/** The largest resident memory while something is done, and for a moment after it, in MiB more than before. */
async function growth(daemon: TestDaemon, attack: () => Promise<unknown>): Promise<number> {
  const before = rssOf(daemon.pid);
  let most = before;
  const clock = setInterval(() => {
    most = Math.max(most, rssOf(daemon.pid));
  }, 50);
  await attack();
  await sleep(1_000);
  clearInterval(clock);
  await expectServed(daemon);
  return most - before;
}

async function expectServed(daemon: TestDaemon): Promise<void> {
  expect(await daemon.bus.command('bridge/request/job/list', {})).toMatchObject({ status: 'ok' });
}

/** A daemon whose witness hears answers only: it would take what is sent to others for its own. */
async function startVictim(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await daemon.bus.client.unsubscribeAsync('#');
  await daemon.bus.client.subscribeAsync('plot2mqtt/bridge/response/#', { qos: 1 });
  return daemon;
}

/** So many clients, each doing something on its own connection of MQTT 5. */
async function each(
  daemon: TestDaemon,
  count: number,
  attack: (client: RawClient, index: number) => Promise<unknown>,
): Promise<void> {
  const all = clients();
  const one = async (index: number) => {
    const client = all.add(await rawConnected(portOf(daemon), `attacker-${index}`, 5));
    await attack(client, index);
  };
  await Promise.all(Array.from({ length: count }, (_, index) => one(index)));
}

test.each([
  ['60 KiB', { key: 'x'.repeat(60 * KIB) }, size(5_000, 20_000)],
  ['3 MiB', largeProperties(48), size(120, 1_197)],
  ['many small', manyProperties(60 * KIB), size(60, 1_197)],
])('retained messages with %s of user properties', async (_what, userProperties, messages) => {
  const daemon = await startVictim();
  const publish = publishPacket('TOPIC-000000', { properties: { userProperties } });
  const at = publish.indexOf('TOPIC-000000') + 6;
  const clientsCount = 10;
  const grown = await growth(daemon, () =>
    each(daemon, clientsCount, async (client, index) => {
      for (let sent = index; sent < messages && !client.socket.destroyed; sent += clientsCount) {
        const packet = Buffer.from(publish);
        packet.write(String(sent).padStart(6, '0'), at);
        await write(client, packet);
      }
      // What it sent has been handled when this is answered.
      client.write(generate({ cmd: 'pingreq' }));
      await client.answered();
    }),
  );
  expect(grown, 'MiB').toBeLessThan(200);
});

test('wills of many clients, with properties', async () => {
  const daemon = await startVictim();
  const all = clients();
  const properties = { userProperties: { ...manyProperties(20 * KIB), ...largeProperties(3) } };
  const will = { topic: 'will', payload: Buffer.alloc(30 * KIB), qos: 1, retain: true, properties };
  const connect = generate(connectPacket('will-000', { protocolVersion: 5, will }), { protocolVersion: 5 });
  const grown = await growth(daemon, async () => {
    for (let index = 0; index < 450; index += 1) {
      const client = all.add(await rawClient(portOf(daemon)));
      const packet = Buffer.from(connect);
      packet.write(String(index).padStart(3, '0'), packet.indexOf('will-000') + 5);
      await write(client, packet);
      await client.answered();
    }
  });
  expect(grown, 'MiB').toBeLessThan(120);
});

test('unfinished packets of many clients', async () => {
  const daemon = await startVictim();
  const grown = await growth(daemon, () =>
    each(daemon, size(200, 400), async (client) => {
      const publish = publishPacket('unfinished', { payload: Buffer.alloc(4 * MIB - 64) });
      await write(client, publish.subarray(0, -1));
    }),
  );
  expect(grown, 'MiB').toBeLessThan(230);
});

test('an unfinished packet in single bytes', async () => {
  const daemon = await startVictim();
  const grown = await growth(daemon, () =>
    each(daemon, size(4, 20), async (client) => {
      client.write(publishPacket('bytes', { payload: Buffer.alloc(4 * MIB - 64) }).subarray(0, 64));
      for (let sent = 0; sent < size(5_000, 200_000) && !client.socket.destroyed; sent += 1) {
        client.write(Buffer.alloc(1));
        await nextTurn();
      }
    }),
  );
  expect(grown, 'MiB').toBeLessThan(100);
});

test('messages on their way to a subscriber that does not read', async () => {
  const daemon = await startVictim();
  const frozen = await rawConnected(portOf(daemon), 'frozen');
  onTestFinished(() => void frozen.socket.destroy());
  frozen.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'flood', qos: 0 }] });
  frozen.socket.pause();
  const publish = publishPacket('flood', { payload: Buffer.alloc(2 * MIB), retain: false });
  const grown = await growth(daemon, () =>
    each(daemon, size(20, 100), async (client) => {
      for (let sent = 0; sent < 10; sent += 1) await write(client, publish);
    }),
  );
  expect(grown, 'MiB').toBeLessThan(250);
});

test('subscriptions of many clients', async () => {
  const daemon = await startVictim();
  const levels = 'a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t';
  const grown = await growth(daemon, () =>
    each(daemon, size(10, 40), async (client, index) => {
      for (let from = 0; from < 20_000 && !client.socket.destroyed; from += 500) {
        const subscriptions = Array.from({ length: 500 }, (_, at) => ({
          topic: `${index}/${from + at}/${levels}`,
          qos: 0 as const,
        }));
        const subscribe = generate({ cmd: 'subscribe', messageId: 1, subscriptions }, { protocolVersion: 5 });
        await write(client, subscribe);
        await client.answered();
      }
    }),
  );
  expect(grown, 'MiB').toBeLessThan(300);
});

test('retained messages asked for again and again, and not read', async () => {
  const daemon = await startVictim();
  const grown = await growth(daemon, async () => {
    await each(daemon, 1, async (client) => {
      for (let index = 0; index < 100; index += 1)
        await write(client, publishPacket(`kept/${index}`, { payload: Buffer.alloc(100 * KIB) }));
    });
    const subscriptions = [{ topic: '#', qos: 0 as const }];
    const subscribe = generate({ cmd: 'subscribe', messageId: 1, subscriptions }, { protocolVersion: 5 });
    const flood = Buffer.concat(Array.from({ length: size(2_000, 10_000) }, () => subscribe));
    await each(daemon, 30, async (client) => {
      client.socket.pause();
      client.write(flood);
      await Promise.race([sleep(3_000), client.closed]);
    });
  });
  expect(grown, 'MiB').toBeLessThan(200);
});
