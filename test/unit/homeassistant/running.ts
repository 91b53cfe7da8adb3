import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { type Broker, Discovery, type DiscoveryOptions } from '../../../src/homeassistant/discovery.ts';
import type { JobDevices } from '../../../src/homeassistant/documents.ts';
import { collectingLog } from '../mqtt/support/fixture.ts';
import { openly } from './samples.ts';

/** A broker with a record of what it was told; what was handed over is with it at once, unless it is away. */
export class RecordingBroker implements Broker {
  readonly published: [topic: string, payload: string][] = [];
  readonly standing = new Map<string, string>();
  readonly resent: ((topic: string) => boolean)[] = [];
  readonly #handlers = new Map<string, Parameters<Broker['sub']>[1]>();
  #waiting: (() => void)[] = [];
  #connected = () => {};
  away = false;

  retain(topic: string, payload: string): void {
    if (this.standing.get(topic) === payload) return;
    this.standing.set(topic, payload);
    this.published.push([topic, payload]);
  }
  forget(topic: string): void {
    this.standing.delete(topic);
  }
  again(which: (topic: string) => boolean): void {
    this.resent.push(which);
  }
  settled(callback: () => void): void {
    this.#waiting.push(callback);
    if (!this.away) queueMicrotask(() => this.settle());
  }
  settle(): void {
    for (const callback of this.#waiting.splice(0)) callback();
  }
  limit = Number.POSITIVE_INFINITY;
  packetLimit(): number {
    return this.limit;
  }
  onConnected(callback: () => void): void {
    this.#connected = callback;
  }
  connects(): void {
    this.#connected();
  }
  sub(filter: string, handler: Parameters<Broker['sub']>[1]): void {
    this.#handlers.set(filter, handler);
  }
  says(filter: string, topic: string, text: string, retained = false): void {
    this.#handlers.get(filter)?.({ topic, payload: Buffer.from(text), retained });
  }
  get listening(): string[] {
    return [...this.#handlers.keys()];
  }
  take(): string[] {
    return this.published.splice(0).map(([topic, payload]) => (payload ? '+' : '-') + short(topic));
  }
}

export function short(topic: string): string {
  return topic.replace('homeassistant/device/plot2mqtt__i__', '').replace('/config', '');
}
export const topicOf = (name: string) => `homeassistant/device/plot2mqtt__i__${name}/config`;

let dir: string;
/** A file in this test's folder. */
export const fileOf = (...names: string[]) => join(dir, ...names);
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'discovery-'));
  vi.useFakeTimers();
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(dir, { recursive: true, force: true });
});

const running: Discovery[] = [];
afterEach(() => {
  for (const discovery of running.splice(0)) discovery.stop();
});

export function start(change: Partial<DiscoveryOptions> = {}, jobs: Record<string, JobDevices> = {}) {
  const broker = new RecordingBroker();
  const { log, lines } = collectingLog();
  const present = new Map(Object.entries(jobs));
  const moves = new Map<string, string>();
  const leftOut: string[] = [];
  let fileSystems = ['/mnt/farm'];
  const discovery = new Discovery({
    ...{ enabled: true, prefix: 'homeassistant', base: 'b', instance: 'i', version: '1.0.0' },
    ...{ statusTopic: 'homeassistant/status', file: join(dir, 'homeassistant.json'), broker, log },
    reader: {
      jobIds: () => present.keys(),
      job: (id) => present.get(id),
      moveIds: () => moves.keys(),
      moveTitle: (id) => moves.get(id),
      bridge: () => ({ holds: [], fileSystems: fileSystems.map(openly) }),
      mask: (path) => path,
    },
    onLeftOut: (problems) => leftOut.splice(0, Infinity, ...problems),
    ...change,
  });
  running.push(discovery);
  discovery.start();
  const set = (id: string, job: JobDevices | null) => {
    if (job) present.set(id, job);
    else present.delete(id);
    discovery.jobChanged(id);
  };
  const setMove = (id: string, title: string | null) => {
    if (title === null) moves.delete(id);
    else moves.set(id, title);
    discovery.moveChanged(id);
  };
  const setFileSystems = (...paths: string[]) => {
    fileSystems = paths;
    discovery.bridgeChanged();
  };
  return { broker, discovery, set, setMove, setFileSystems, leftOut, lines };
}

/** So long nobody sees a file system that went: its entities go with the next look. */
export const monthLater = () => vi.setSystemTime(Date.now() + 31 * 86_400_000);

export const JOB = { title: 'One', slots: [1, 2] };
export const remembered = async () =>
  Object.keys(JSON.parse(await readFile(join(dir, 'homeassistant.json'), 'utf8')).topics);
