import { setImmediate as nextTurn } from 'node:timers/promises';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startBroker } from '../../../src/mqtt/broker/broker.ts';
import { type BrokerLimits, LIMITS } from '../../../src/mqtt/broker/limits.ts';
import { connectClient, type TestClient } from '../../support/mqtt-client.ts';
import { connectPacket, rawClient, rawConnected } from '../../support/raw-mqtt.ts';
import { collectingLog } from './support/fixture.ts';

const USERS = { anna: 'a', bert: 'b' };

async function start(limits: Partial<BrokerLimits>, users: Record<string, string> = USERS) {
  const { log, lines } = collectingLog();
  const broker = await startBroker({ listen: { host: '127.0.0.1', port: 0 }, log, users, limits });
  onTestFinished(() => broker.close());
  const connect = async (username: keyof typeof USERS, clientId: string = username): Promise<TestClient> => {
    const options = { username, password: USERS[username], clientId };
    const client = await connectClient(`mqtt://127.0.0.1:${broker.port}`, [], options);
    onTestFinished(() => client.end());
    return client;
  };
  return { broker, port: broker.port, lines, connect };
}

type Publish = Parameters<TestClient['publish']>[2];

/** Retains small messages until one is refused; how many were taken. */
async function fill(client: TestClient, name: string, options: Publish = {}, most = 100): Promise<number> {
  for (let count = 0; count < most; count += 1) {
    const taken = await client.publish(`${name}/${count}`, 'x', { retain: true, ...options }).then(
      () => true,
      () => false,
    );
    if (!taken) return count;
  }
  return most;
}

describe('retained messages', () => {
  it('of one client leave room for those of others', async () => {
    const { connect, lines } = await start({ retainedMessages: 40 });
    const anna = await connect('anna');
    expect(await fill(anna, 'anna')).toBe(20);
    // Another id is the same user still.
    expect(await fill(await connect('anna', 'other'), 'other')).toBe(0);
    expect(await fill(await connect('bert'), 'bert')).toBe(10);
    // What is there already may change, and what is cleared makes room.
    await anna.publish('anna/3', 'y', { retain: true });
    for (let count = 0; count < 20; count += 1) await anna.publish(`anna/${count}`, '', { retain: true });
    expect(await fill(anna, 'again')).toBe(15);
    expect(lines.filter((line) => line.includes('is not retained'))).toHaveLength(1);
  });

  it('count with all their properties, those of wills too', async () => {
    const { connect, port } = await start({ retainedBytes: 64 * 1024 });
    const anna = await connect('anna');
    const properties = {
      userProperties: { a: ['x'.repeat(500), 'y'.repeat(500)] },
      correlationData: Buffer.alloc(500),
      responseTopic: 'r'.repeat(500),
      contentType: 'c'.repeat(500),
    };
    expect(await fill(anna, 'plain')).toBeGreaterThan(40);
    for (let count = 0; count < 60; count += 1) await anna.publish(`plain/${count}`, '', { retain: true });
    expect(await fill(anna, 'full', { properties })).toBeLessThan(12);
    const heir = await connect('anna', 'heir');
    await heir.client.subscribeAsync('#', { qos: 1, rh: 2 });
    const will = { topic: 'will', payload: Buffer.alloc(3_000), qos: 1, retain: true };
    const connectTo = connectPacket('will', {
      protocolVersion: 5,
      username: 'anna',
      password: Buffer.from('a'),
      will,
    });
    const client = await rawClient(port);
    client.write(generate(connectTo, { protocolVersion: 5 }));
    await client.answered();
    client.socket.resetAndDestroy();
    await anna.publish('after', '');
    await vi.waitFor(() => expect(heir.last('after')).toBe(''));
    expect(heir.messages.filter(({ topic }) => topic === 'will')).toEqual([]);
  });

  it('count no longer once they have expired', async () => {
    const { connect } = await start({ retainedMessages: 10 });
    const anna = await connect('anna');
    expect(await fill(anna, 'short', { properties: { messageExpiryInterval: 1 } })).toBe(5);
    await vi.waitFor(async () => expect(await fill(anna, 'long')).toBe(5), { timeout: 5_000, interval: 300 });
  });

  it('of the daemon itself are always kept, and nobody’s room', async () => {
    const { connect, broker } = await start({ retainedMessages: 4 });
    const mine = broker.connect();
    onTestFinished(() => void mine.destroy());
    mine.resume().write(generate(connectPacket('daemon')));
    for (let index = 0; index < 20; index += 1)
      mine.write(
        generate({ cmd: 'publish', topic: `mine/${index}`, payload: 'x', qos: 0, retain: true, dup: false }),
      );
    const anna = await connect('anna');
    expect(await fill(anna, 'anna')).toBe(2);
    await anna.client.subscribeAsync('mine/#');
    await vi.waitFor(() => expect(anna.messages).toHaveLength(20));
  });
});

describe('subscriptions', () => {
  it('of one client leave room for those of others, and those that end make room', async () => {
    const { connect } = await start({ subscriptions: 20 });
    const take = async (client: TestClient, name: string) => {
      const filters = Array.from({ length: 20 }, (_, index) => `${name}/${index}`);
      const granted = await Promise.all(
        filters.map((filter) => client.client.subscribeAsync(filter).catch(() => [])),
      );
      return granted.flat().length;
    };
    const anna = await connect('anna');
    expect(await take(anna, 'a')).toBe(10);
    expect(await take(await connect('bert'), 'b')).toBe(5);
    // One that is there may change.
    expect(await anna.client.subscribeAsync('a/3', { qos: 1 })).toHaveLength(1);
    await anna.client.unsubscribeAsync(Array.from({ length: 10 }, (_, index) => `a/${index}`));
    await vi.waitFor(async () => expect(await take(anna, 'c')).toBeGreaterThan(5));
    await anna.end();
    await vi.waitFor(async () => expect(await take(await connect('anna'), 'd')).toBeGreaterThan(5));
  });
});

it.each([
  ['payload', { payload: Buffer.alloc(40_000) }],
  ['properties', { payload: Buffer.alloc(10), properties: { userProperties: { a: 'x'.repeat(40_000) } } }],
])('a will with a large %s is refused', async (_what, change) => {
  const { port } = await start({}, {});
  const will = { topic: 'w', qos: 0, retain: false, ...change };
  const client = await rawClient(port);
  client.write(generate(connectPacket('w', { protocolVersion: 5, will }), { protocolVersion: 5 }));
  await client.closed;
  expect(client.received()).toHaveLength(0);
});

it('where too much is unfinished the largest goes, and only that', async () => {
  const { port, lines } = await start({ inHand: 1_000_000 }, {});
  const publish = (bytes: number) => {
    const packet = { cmd: 'publish', topic: 't', qos: 1, messageId: 1, retain: false, dup: false } as const;
    return generate({ ...packet, payload: Buffer.alloc(bytes) });
  };
  const [large, small] = [await rawConnected(port, 'large'), await rawConnected(port, 'small')];
  onTestFinished(() => void small.socket.destroy());
  const whole = publish(200_000);
  small.write(whole.subarray(0, 150_000));
  large.write(publish(2_000_000).subarray(0, -1));
  await large.closed;
  small.write(whole.subarray(150_000));
  await small.answered();
  expect(small.received().at(-4)).toBe(0x40);
  expect(lines.filter((line) => line.includes('most of it was its own'))).toHaveLength(1);
});

it('a packet of the largest size comes through, however it is cut', async () => {
  const { port } = await start({}, {});
  const client = await rawConnected(port, 'large');
  onTestFinished(() => void client.socket.destroy());
  const payload = Buffer.alloc(LIMITS.packet - 100);
  const publish = { cmd: 'publish', topic: 't', qos: 1, messageId: 1, retain: false, dup: false } as const;
  const packet = generate({ ...publish, payload });
  for (const [from, to] of [
    [0, 3],
    [3, 40_000],
    [40_000, 3_000_000],
    [3_000_000, packet.length],
  ]) {
    client.write(packet.subarray(from, to));
    await nextTurn();
  }
  await client.answered();
  expect(client.received().at(-4)).toBe(0x40);
});

it('messages that are refused do not stall those behind them', async () => {
  const { port } = await start({ retainedMessages: 1 }, {});
  const client = await rawConnected(port, 'refused', 5);
  onTestFinished(() => void client.socket.destroy());
  const publish = { cmd: 'publish', topic: 't', payload: 'x', qos: 0, retain: true, dup: false } as const;
  const refused = generate({ ...publish, payload: Buffer.alloc(20_000) }, { protocolVersion: 5 });
  for (let count = 0; count < 20; count += 1) client.write(refused);
  client.write(generate({ cmd: 'pingreq' }));
  await client.answered();
  expect([...client.received().subarray(-2)]).toEqual([0xd0, 0x00]);
});

it('many clients come and go under names of their own', async () => {
  const { port } = await start({}, {});
  for (let round = 0; round < 20; round += 1) {
    const clients = await Promise.all(
      Array.from({ length: 50 }, (_, index) => rawConnected(port, `${round}/${index}`)),
    );
    for (const { socket } of clients) socket.destroy();
    await Promise.all(clients.map(({ closed }) => closed));
  }
  const last = await rawConnected(port, 'last');
  expect([...last.received()]).toEqual([0x20, 0x02, 0x00, 0x00]);
  last.socket.destroy();
});

const ODD: [string, Packet][] = [
  [
    'a topic alias',
    {
      ...{ cmd: 'publish', topic: 't', payload: 'x', qos: 0, retain: false, dup: false },
      properties: { topicAlias: 1 },
    },
  ],
  ['an AUTH packet', { cmd: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'x' } }],
];

it.each(ODD)('%s ends the connection', async (_what, packet) => {
  const { port } = await start({}, {});
  const client = await rawConnected(port, 'odd', 5);
  client.write(generate(packet, { protocolVersion: 5 }));
  await client.closed;
});
