import { generate } from 'mqtt-packet';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LIMITS } from '../../../src/mqtt/broker/limits.ts';
import { connectClient } from '../../support/mqtt-client.ts';
import { connectPacket, type RawClient, rawClient, rawConnected } from '../../support/raw-mqtt.ts';
import { witnessedBroker } from './support/witness.ts';

const broker = witnessedBroker();
const isServed = () => broker.isServed();

async function raw(id: string): Promise<RawClient> {
  const client = await rawConnected(broker.port, id);
  onTestFinished(() => void client.socket.destroy());
  return client;
}

describe('the embedded broker', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'survives the name %s everywhere',
    async (name) => {
      const refused = await rawConnected(broker.port, name);
      await refused.closed;
      const subscriber = await raw('sub');
      subscriber.send({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [
          { topic: name, qos: 1 },
          { topic: `a/${name}`, qos: 1 },
        ],
      });
      subscriber.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: [name] });
      const publisher = await raw('pub');
      publisher.send({
        cmd: 'publish',
        topic: `a/${name}`,
        payload: 'x',
        qos: 1,
        retain: true,
        dup: false,
        messageId: 1,
      });
      publisher.send({
        cmd: 'publish',
        topic: name,
        payload: 'x',
        qos: 1,
        retain: true,
        dup: false,
        messageId: 2,
      });
      await publisher.closed;
      await isServed();
    },
  );

  it.each([
    ['many levels', 'a/'.repeat(200)],
    ['great length', 'a'.repeat(60_000)],
    ['the broker’s own', '$SYS/x'],
    ['a wildcard', 'a/#'],
  ])('refuses to publish to a topic of %s', async (_what, topic) => {
    const client = await raw('topics');
    client.send({ cmd: 'publish', topic, payload: 'x', qos: 0, retain: false, dup: false });
    await client.closed;
    const will = await rawClient(broker.port);
    will.send(connectPacket('will', { will: { topic, payload: Buffer.from('x'), qos: 0, retain: false } }));
    await will.closed;
    const subscriber = await raw('filters');
    subscriber.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] });
    await isServed();
  });

  it('drops a client whose packet is too large, by its own account', async () => {
    const client = await raw('large');
    // A PUBLISH that says it has 256 MiB less one byte.
    client.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0x00]));
    await client.closed;
    await isServed();
  });

  it('drops who sends much before it is let in', async () => {
    const client = await rawClient(broker.port);
    const flood = setInterval(() => client.write(Buffer.alloc(64 * 1024, 0x20)), 1);
    await client.closed;
    clearInterval(flood);
    await isServed();
  });

  it('bounds QoS 2 messages that are begun and not ended', async () => {
    const client = await raw('half-open');
    for (let messageId = 1; messageId <= 200; messageId += 1)
      client.send({ cmd: 'publish', topic: 'q', payload: 'x', qos: 2, retain: false, dup: false, messageId });
    await client.closed;
    // 4 bytes of CONNACK, 4 of each PUBREC.
    expect((client.received().length - 4) / 4).toBeLessThanOrEqual(100);
    await isServed();
  });

  it('takes QoS 2 messages once each', async () => {
    const client = await connectClient(`mqtt://127.0.0.1:${broker.port}`, ['twice']);
    onTestFinished(() => client.end());
    for (let round = 0; round < 300; round += 1) await client.publish('twice', `${round}`, { qos: 2 });
    await vi.waitFor(() => expect(client.on('twice')).toHaveLength(300));
  });

  it('bounds what is retained', async () => {
    const client = await connectClient(`mqtt://127.0.0.1:${broker.port}`, []);
    onTestFinished(() => client.end());
    const payload = 'x'.repeat(1024 * 1024);
    const published = [];
    for (let index = 0; index < 40; index += 1)
      published.push(
        client.publish(`much/${index}`, payload, { retain: true }).then(
          () => true,
          () => false,
        ),
      );
    const results = await Promise.all(published);
    // One may keep half of what all may.
    expect(results.filter(Boolean).length).toBe(
      Math.floor(LIMITS.retainedBytes / 2 / (payload.length + 1000)),
    );
    await Promise.all(results.map((_, index) => client.publish(`much/${index}`, '', { retain: true })));
    await client.publish('much/again', payload, { retain: true });
    await client.publish('much/again', '', { retain: true });
    await isServed();
  });

  it('serves others while a subscriber does not read', async () => {
    const frozen = await raw('frozen');
    frozen.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'flood', qos: 0 }] });
    frozen.socket.pause();
    const client = await connectClient(`mqtt://127.0.0.1:${broker.port}`, []);
    onTestFinished(() => client.end());
    const payload = 'x'.repeat(100_000);
    for (let index = 0; index < 300; index += 1) await client.publish('flood', payload);
    await isServed();
    // It was dropped, and learns so when it reads at last.
    frozen.socket.resume();
    await frozen.closed;
  });

  it('holds idle connections below its bound', async () => {
    const many: RawClient[] = [];
    // Not all at once: the system's own queue of new connections is short.
    while (many.length < 1500)
      many.push(...(await Promise.all(Array.from({ length: 100 }, () => rawClient(broker.port)))));
    onTestFinished(() => {
      for (const { socket } of many) socket.destroy();
    });
    await vi.waitFor(() => {
      const open = many.filter(({ socket }) => !socket.destroyed).length;
      expect(open).toBeLessThanOrEqual(LIMITS.arrivals);
      expect(open).toBeGreaterThan(0);
    }, 10_000);
    await isServed();
  });

  it('does not let others take the daemon’s client id', async () => {
    const mine = broker.connect();
    onTestFinished(() => void mine.destroy());
    mine.write(generate(connectPacket('the-daemon')));
    await vi.waitFor(() => expect(mine.read()).not.toBeNull());
    const thief = await rawClient(broker.port);
    thief.send(connectPacket('the-daemon'));
    await thief.closed;
    expect(mine.destroyed).toBe(false);
  });

  it('ends with its other end, whichever is destroyed', async () => {
    const watcher = await connectClient(`mqtt://127.0.0.1:${broker.port}`, ['left']);
    onTestFinished(() => watcher.end());
    const will = { topic: 'left', payload: Buffer.from('gone'), qos: 0, retain: false };
    const leaving = broker.connect();
    leaving.write(generate(connectPacket('leaves', { will })));
    await vi.waitFor(() => expect(leaving.read()).not.toBeNull());
    const bad = broker.connect();
    // No packet that a broker takes: it destroys its end.
    bad.resume().write(Buffer.alloc(16, 0xff));
    await vi.waitFor(() => expect(bad.destroyed).toBe(true));
    leaving.destroy();
    await vi.waitFor(() => expect(watcher.last('left')).toBe('gone'));
  });
});
