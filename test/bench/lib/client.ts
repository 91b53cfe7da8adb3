import { Socket } from 'node:net';
import mqtt, { type MqttClient } from 'mqtt';

/** A client without Nagle's algorithm, which adds 40 ms to a round trip. */
export async function connect(url: string): Promise<MqttClient> {
  const client = mqtt.connect(url, { protocolVersion: 5, reconnectPeriod: 100 });
  const quicken = () => {
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  };
  quicken();
  client.on('reconnect', () => setImmediate(quicken));
  client.on('error', () => {});
  if (!client.connected) await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  quicken();
  return client;
}

/** Resolves with the time (performance.now()) at which the first message comes that `is` accepts. */
export function heard(
  client: MqttClient,
  is: (topic: string, text: string) => boolean,
  withinMs = 60_000,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      client.off('message', look);
      reject(new Error('a message did not come'));
    }, withinMs);
    const look = (topic: string, payload: Buffer) => {
      if (!is(topic, payload.toString())) return;
      const at = performance.now();
      clearTimeout(timer);
      client.off('message', look);
      resolve(at);
    };
    client.on('message', look);
  });
}
