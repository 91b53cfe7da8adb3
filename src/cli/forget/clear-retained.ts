import { setTimeout as sleep } from 'node:timers/promises';
import type { IPublishPacket, MqttClient } from 'mqtt';
import { isRetained } from '../../contract/routes.ts';
import { topics } from '../../contract/topics.ts';
import { isOwnTopic, partOf } from '../../homeassistant/ids.ts';
import { isObject } from '../../util/objects.ts';

export interface WhatToForget {
  instance: string;
  /** Below these it may have published. */
  bases: readonly string[];
  /** Where Home Assistant looks for devices. */
  prefix: string;
}

export interface Forgotten {
  /** How many were cleared. */
  topics: number;
  devices: number;
  /** Below these stands what another daemon has published. */
  others: string[];
}

/** All that is retained has come when nothing did for so long, in milliseconds: a broker hands it out at once. */
const QUIET_MS = 1_500;
/** Messages under way at once: no broker allows less than its default. */
const AT_ONCE = 16;

/**
 * Clears what a daemon that is stopped has retained below its base topics, and its devices for Home Assistant; what
 * another one has published stays. Throws where one is online there.
 */
export async function clearRetained(client: MqttClient, wanted: WhatToForget): Promise<Forgotten> {
  const { instance, bases, prefix } = wanted;
  const filters = [...bases.flatMap((base) => topics(base).retainedFilters), `${prefix}/device/+/config`];
  const retained = await retainedOn(client, filters);
  const others: string[] = [];
  const found: string[] = [];
  for (const base of bases) {
    const { bridgeState, bridgeInfo } = topics(base);
    if (instanceIn(retained.get(bridgeInfo)) !== instance && retained.has(bridgeInfo)) others.push(base);
    else if (retained.get(bridgeState) === 'online')
      throw new Error(`a daemon is online on the base topic "${base}": stop it first`);
    // Whether it is online is said last.
    else
      found.push(
        ...[...retained.keys()].filter((topic) => topic !== bridgeState && isRetained(base, topic)),
        ...[bridgeState].filter((topic) => retained.has(topic)),
      );
  }
  const devices = [...retained.keys()].filter((topic) => isOwnTopic(prefix, instance, topic));
  const all = [...devices, ...found];
  for (let first = 0; first < all.length; first += AT_ONCE)
    await Promise.all(
      all
        .slice(first, first + AT_ONCE)
        .map((topic) => client.publishAsync(topic, '', { qos: 1, retain: true })),
    );
  return { topics: found.length, devices: new Set(devices.map((topic) => partOf(topic).main)).size, others };
}

/** What stands on these topics. Rejects where the broker doesn't let us listen, or goes. */
async function retainedOn(client: MqttClient, filters: readonly string[]): Promise<Map<string, string>> {
  const retained = new Map<string, string>();
  let last = performance.now();
  let gone: Error | null = null;
  const fail = (error?: Error) => {
    gone ??= error ?? new Error('the broker closed the connection');
  };
  client.on('error', fail);
  client.on('close', fail);
  client.on('message', (topic: string, payload: Buffer, packet: IPublishPacket) => {
    last = performance.now();
    if (packet.retain && payload.length > 0) retained.set(topic, payload.toString());
  });
  const granted = await client.subscribeAsync([...filters], { qos: 1 });
  if (granted.some(({ qos }) => qos >= 128)) throw new Error('the broker does not let us listen');
  while (gone === null && performance.now() - last < QUIET_MS) await sleep(QUIET_MS / 10);
  if (gone !== null) throw gone;
  return retained;
}

function instanceIn(info: string | undefined): unknown {
  try {
    const parsed: unknown = JSON.parse(info ?? '');
    return isObject(parsed) ? parsed.instance : undefined;
  } catch {
    return undefined;
  }
}
