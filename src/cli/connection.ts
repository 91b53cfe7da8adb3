import { readFile } from 'node:fs/promises';
import type { IClientOptions, MqttClient } from 'mqtt';
import type { MqttSettings } from '../config/schema/mqtt.ts';
import { brokerAddress } from '../mqtt/connection/broker-address.ts';
import { refusalOf } from '../mqtt/connection/refusals.ts';
import type { ProtocolVersion } from '../mqtt/connection/transport.ts';

/**
 * Connects once to the daemon's broker, as the daemon would: where the version is left to us, with MQTT 5 and then, if
 * the broker may not know that, with 3.1.1, both within `timeoutMs`. Rejects as MQTT.js does, with `undefined` where
 * the broker just closed, and where a certificate can't be read.
 */
export async function connectOnce(settings: MqttSettings, timeoutMs: number): Promise<MqttClient> {
  const where = await address(settings);
  const began = performance.now();
  if (settings.version !== 'auto') return attempt(where, settings.version, timeoutMs);
  try {
    return await attempt(where, 5, timeoutMs);
  } catch (error) {
    if (refusalOf(error).version === 'fine') throw error;
    return attempt(where, 4, Math.max(1, timeoutMs - (performance.now() - began)));
  }
}

async function attempt(
  where: IClientOptions,
  protocolVersion: ProtocolVersion,
  timeoutMs: number,
): Promise<MqttClient> {
  const { default: mqtt } = await import('mqtt');
  const client = mqtt.connect({ ...where, protocolVersion, reconnectPeriod: 0, connectTimeout: timeoutMs });
  try {
    await new Promise<void>((resolve, reject) => {
      setTimeout(() => reject(new Error('connack timeout')), timeoutMs).unref();
      client.once('connect', () => resolve());
      client.on('error', reject);
      client.once('close', () => reject(undefined));
    });
    return client;
  } catch (error) {
    client.end(true);
    throw error;
  }
}

/** How this machine reaches a broker that listens everywhere. */
const OWN_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Where the broker is for this machine, and who we are for it. */
async function address(settings: MqttSettings): Promise<IClientOptions> {
  const { broker, embedded, ca, cert, key } = settings;
  if (broker !== 'embedded')
    return {
      ...brokerAddress(broker),
      ...(settings.username === undefined ? {} : { username: settings.username }),
      ...(settings.password === undefined ? {} : { password: settings.password }),
      ...(ca === undefined ? {} : { ca: await readFile(ca) }),
      ...(cert === undefined ? {} : { cert: await readFile(cert) }),
      ...(key === undefined ? {} : { key: await readFile(key) }),
    };
  const { host, port } = embedded.listen;
  const [user] = Object.entries(embedded.users);
  return {
    protocol: embedded.tls.cert ? 'mqtts' : 'mqtt',
    host: OWN_ADDRESS[host] ?? host,
    port,
    ...(user ? { username: user[0], password: user[1] } : {}),
    // The certificate is for the names by which others reach this host.
    ...(embedded.tls.cert ? { rejectUnauthorized: false } : {}),
  };
}
