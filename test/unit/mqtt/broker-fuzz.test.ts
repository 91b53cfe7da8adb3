import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { describe, it } from 'vitest';
import { connectPacket, rawClient, rawConnected } from '../../support/raw-mqtt.ts';
import { witnessedBroker } from './support/witness.ts';

const broker = witnessedBroker();
const isServed = () => broker.isServed();

describe('the embedded broker', () => {
  it('survives random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.boolean(),
        async (bytes, connected) => {
          const client = connected ? await rawConnected(broker.port, 'random') : await rawClient(broker.port);
          client.write(Buffer.from(bytes));
          client.socket.end();
          await client.closed;
        },
      ),
      { numRuns: 300 },
    );
    await isServed();
  });

  it('survives damaged packets of both versions', async () => {
    const packets = ([4, 5] as const).flatMap((protocolVersion) => {
      const will = { topic: 'w', payload: Buffer.from('x'), qos: 1, properties: { willDelayInterval: 1 } };
      const all: Packet[] = [
        connectPacket('damaged', {
          protocolVersion,
          will,
          properties: { sessionExpiryInterval: 9, receiveMaximum: 3 },
        }),
        { cmd: 'publish', topic: 'a/b', payload: 'x', qos: 2, retain: true, dup: false, messageId: 7 },
        {
          cmd: 'publish',
          topic: 'a/b',
          payload: 'x',
          qos: 1,
          retain: true,
          dup: false,
          messageId: 8,
          properties: {
            messageExpiryInterval: 1,
            responseTopic: 'r',
            topicAlias: 1,
            userProperties: { a: 'b' },
          },
        },
        {
          cmd: 'subscribe',
          messageId: 3,
          subscriptions: [{ topic: 'a/+', qos: 1, nl: true, rap: true, rh: 1 }],
          properties: { subscriptionIdentifier: 4 },
        },
        { cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['a/+'] },
        { cmd: 'pubrel', messageId: 9 },
        { cmd: 'disconnect', reasonCode: 4, properties: { sessionExpiryInterval: 5 } },
      ];
      return all.map((packet) => generate(packet, { protocolVersion }));
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...packets),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }),
        fc.constantFrom(undefined, 4, 5),
        async (packet, damage, version) => {
          const bytes = Buffer.from(packet);
          for (const [at, value] of damage) bytes[at % bytes.length] = value;
          const client = version
            ? await rawConnected(broker.port, 'damaged', version)
            : await rawClient(broker.port);
          client.write(bytes);
          client.socket.end();
          await client.closed;
        },
      ),
      { numRuns: 400 },
    );
    await isServed();
  });
});
