import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { IClientOptions, MqttClient } from 'mqtt';
import { messageOf } from '../../util/errors.ts';
import { brokerAddress } from './broker-address.ts';
import { watchfulAgent, watchSocket } from './broker-socket.ts';
import type { MaskedMessage } from '../masked-message.ts';

/** How to reach a broker that runs elsewhere. Files are PEM, absolute names. */
export interface ExternalBroker {
  url: string;
  username?: string | undefined;
  password?: string | undefined;
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
}

/** A broker elsewhere, or a stream to the one in this process. */
export type Target = ExternalBroker | { stream: () => Duplex };

export type ProtocolVersion = 4 | 5;

export interface AttemptOptions {
  version: ProtocolVersion;
  instance: string;
  will: MaskedMessage;
}

const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_S = 60;

async function pem(setting: string, file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file);
  } catch (error) {
    throw new Error(`mqtt.${setting}: cannot read ${file}: ${messageOf(error)}`);
  }
}

/**
 * Makes one attempt at a connection: a fresh MQTT.js client, which is thrown away when the connection ends, so that
 * nothing of its own queues and stores outlives it. MQTT.js is loaded at the first attempt only; certificates are
 * read at each, so that renewed ones are seen.
 */
export async function openClient(target: Target, attempt: AttemptOptions): Promise<MqttClient> {
  const { default: mqtt } = await import('mqtt');
  const { default: packets } = await import('mqtt-packet');
  // Else it begins by making 65,536 buffers, one for each number: a tenth of the daemon's start, and 10 MiB.
  packets.writeToStream.cacheNumbers = false;
  const options: IClientOptions = {
    clientId: `plot2mqtt-${attempt.instance}-${randomBytes(4).toString('hex')}`,
    protocolVersion: attempt.version,
    clean: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    will: {
      topic: attempt.will.topic,
      payload: Buffer.from(attempt.will.payload),
      ...{ qos: 1, retain: attempt.will.retain },
    },
  };
  if ('stream' in target) return new mqtt.MqttClient(() => target.stream(), { ...options, keepalive: 0 });

  const [ca, cert, key] = await Promise.all([
    pem('ca', target.ca),
    pem('cert', target.cert),
    pem('key', target.key),
  ]);
  const websocket = /^wss?:/.exec(target.url)?.[0];
  const client = mqtt.connect({
    ...options,
    ...brokerAddress(target.url),
    ...(websocket && { wsOptions: { agent: await watchfulAgent(websocket === 'wss:') } }),
    keepalive: KEEPALIVE_S,
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  });
  if (client.stream instanceof Socket) watchSocket(client.stream);
  return client;
}
