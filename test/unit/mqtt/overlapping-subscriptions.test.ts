import type { IClientSubscribeOptions, MqttClient } from 'mqtt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startBroker } from '../../../src/mqtt/broker/broker.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import { connectClient, type TestClient } from '../../support/mqtt-client.ts';
import { collectingLog } from './support/fixture.ts';

/** A subscription: filter, QoS, identifier, and what else it says. */
interface Wanted extends Partial<IClientSubscribeOptions> {
  filter: string;
  qos: 0 | 1 | 2;
  id?: number;
}

const BROKERS = {
  async embedded() {
    const broker = await startBroker({ listen: { host: '127.0.0.1', port: 0 }, log: collectingLog().log });
    onTestFinished(() => broker.close());
    return broker.port;
  },
  async mosquitto() {
    const mosquitto = await startMosquitto();
    onTestFinished(() => mosquitto.stop());
    return mosquitto.port;
  },
};

async function connect(port: number, protocolVersion: 4 | 5 = 5): Promise<TestClient> {
  const client = await connectClient(`mqtt://127.0.0.1:${port}`, [], { protocolVersion });
  onTestFinished(() => client.end());
  return client;
}

async function subscribe(client: MqttClient, { filter, id, ...options }: Wanted): Promise<void> {
  await client.subscribeAsync(filter, {
    ...options,
    ...(id && { properties: { subscriptionIdentifier: id } }),
  });
}

/** What has come until a last message, in no order: `payload` with identifier and QoS of each copy. */
async function copies(client: TestClient): Promise<string[]> {
  await client.client.subscribeAsync('last', { qos: 1 });
  await client.publish('last', '');
  await vi.waitFor(() => expect(client.on('last')).toContain(''));
  return client.messages
    .filter(({ topic }) => topic !== 'last')
    .map(({ text, packet }) => {
      const id = packet.properties?.subscriptionIdentifier ?? 'none';
      return `${text} id ${id} qos ${packet.qos}${packet.retain ? ' retained' : ''}`;
    })
    .sort();
}

describe.each(Object.entries(BROKERS))('overlapping subscriptions, %s', (_broker, start) => {
  it('bring a copy for each identifier, at its own QoS', async () => {
    const client = await connect(await start());
    await subscribe(client.client, { filter: 'x/y/+', qos: 1, id: 7 });
    await subscribe(client.client, { filter: 'x/y/z', qos: 0, id: 1 });
    await subscribe(client.client, { filter: 'x/#', qos: 2, id: 9 });
    await client.publish('x/y/z', 'two', { qos: 2 });
    await client.publish('x/y/z', 'nought', { qos: 0 });
    await client.publish('x/other', 'one', { qos: 1 });
    expect(await copies(client)).toEqual([
      'nought id 1 qos 0',
      'nought id 7 qos 0',
      'nought id 9 qos 0',
      'one id 9 qos 1',
      'two id 1 qos 0',
      'two id 7 qos 1',
      'two id 9 qos 2',
    ]);
  });

  it('end one by one', async () => {
    const client = await connect(await start());
    await subscribe(client.client, { filter: 'x/+', qos: 1, id: 7 });
    await subscribe(client.client, { filter: 'x/y', qos: 1, id: 1 });
    await client.client.unsubscribeAsync('x/+');
    await client.publish('x/y', 'a');
    expect(await copies(client)).toEqual(['a id 1 qos 1']);
  });

  it('take the identifier and the QoS that they were given last', async () => {
    const client = await connect(await start());
    await subscribe(client.client, { filter: 'x/+', qos: 0, id: 7 });
    await subscribe(client.client, { filter: 'x/+', qos: 1, id: 8 });
    await client.publish('x/y', 'a', { qos: 2 });
    expect(await copies(client)).toEqual(['a id 8 qos 1']);
  });

  it('leave out what their client has published itself, each as it says', async () => {
    const port = await start();
    const client = await connect(port);
    await subscribe(client.client, { filter: 'x/+', qos: 1, id: 7, nl: true });
    await subscribe(client.client, { filter: 'x/y', qos: 1, id: 1 });
    const other = await connect(port);
    await other.publish('x/y', 'other');
    await client.publish('x/y', 'own');
    expect(await copies(client)).toEqual(['other id 1 qos 1', 'other id 7 qos 1', 'own id 1 qos 1']);
  });

  it('say that a message is retained, each as it was asked to', async () => {
    const client = await connect(await start());
    await subscribe(client.client, { filter: 'x/+', qos: 1, id: 7, rap: true });
    await subscribe(client.client, { filter: 'x/y', qos: 1, id: 1 });
    await client.publish('x/y', 'a', { retain: true });
    expect(await copies(client)).toEqual(['a id 1 qos 1', 'a id 7 qos 1 retained']);
  });

  it('bring retained messages to the new one alone, at its QoS, unless it wants none', async () => {
    const client = await connect(await start());
    await client.publish('x/y', 'a', { retain: true, qos: 2 });
    await subscribe(client.client, { filter: 'x/+', qos: 1, id: 7 });
    await subscribe(client.client, { filter: 'x/y', qos: 0, id: 1 });
    await subscribe(client.client, { filter: '#', qos: 0, id: 2, rh: 2 });
    expect(await copies(client)).toEqual(['a id 1 qos 0 retained', 'a id 7 qos 1 retained']);
  });
});

describe('overlapping subscriptions without identifiers', () => {
  it.each([4, 5] as const)('bring one copy at the highest QoS, MQTT version %i', async (version) => {
    const client = await connect(await BROKERS.embedded(), version);
    await subscribe(client.client, { filter: 'x/y', qos: 0 });
    await subscribe(client.client, { filter: 'x/+', qos: 1 });
    await subscribe(client.client, { filter: 'x/#', qos: 0 });
    await client.publish('x/y', 'a', { qos: 2 });
    expect(await copies(client)).toEqual(['a id none qos 1']);
  });

  it('bring one beside those that have some', async () => {
    const client = await connect(await BROKERS.embedded());
    await subscribe(client.client, { filter: 'x/y', qos: 1 });
    await subscribe(client.client, { filter: 'x/+', qos: 1, id: 3 });
    await client.publish('x/y', 'a');
    expect(await copies(client)).toEqual(['a id 3 qos 1', 'a id none qos 1']);
  });
});

it('a publisher cannot give its message an identifier', async () => {
  const client = await connect(await BROKERS.embedded());
  await subscribe(client.client, { filter: 'x', qos: 1 });
  const forged = client.publish('x', 'forged', { properties: { subscriptionIdentifier: 1 } });
  await expect(forged).rejects.toMatchObject({ code: 0x87 });
  expect(await copies(client)).toEqual([]);
});
