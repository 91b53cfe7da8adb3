import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { IPublishPacket } from 'mqtt-packet';

/** A message as a second client sees it. */
export interface Received {
  topic: string;
  text: string;
  retain: boolean;
  packet: IPublishPacket;
}

/** A second client, that remembers all it gets. */
export interface TestClient {
  client: MqttClient;
  messages: Received[];
  /** Payloads on a topic, in order. */
  on(topic: string): string[];
  /** The last payload on a topic. */
  last(topic: string): string | undefined;
  publish(topic: string, payload: string, options?: mqtt.IClientPublishOptions): Promise<unknown>;
  end(): Promise<void>;
}

/** Connects to a broker and subscribes. */
export async function connectClient(
  url: string,
  filters: string[] = ['#'],
  options: IClientOptions = {},
): Promise<TestClient> {
  const client = await mqtt.connectAsync(
    url,
    { protocolVersion: 5, reconnectPeriod: 200, ...options },
    false,
  );
  client.on('error', () => {});
  const messages: Received[] = [];
  client.on('message', (topic, payload, packet) =>
    messages.push({ topic, text: payload.toString(), retain: packet.retain, packet }),
  );
  if (filters.length > 0) await client.subscribeAsync(filters, { qos: 1 });
  const on = (topic: string) => messages.filter((each) => each.topic === topic).map(({ text }) => text);
  return {
    client,
    messages,
    on,
    last: (topic) => on(topic).at(-1),
    publish: (topic, payload, publishOptions) =>
      client.publishAsync(topic, payload, { qos: 1, ...publishOptions }),
    end: () => client.endAsync(true),
  };
}
