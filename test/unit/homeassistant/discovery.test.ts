import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Broker, Discovery, type DiscoveryOptions } from '../../../src/homeassistant/discovery.ts';
import { collectingLog } from '../mqtt/support/fixture.ts';

/** A broker with a record of what it was told; what was handed over is with it at once, unless it is away. */
class RecordingBroker implements Broker {
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

function short(topic: string): string {
  return topic.replace('homeassistant/device/plot2mqtt__i__', '').replace('/config', '');
}
const topicOf = (name: string) => `homeassistant/device/plot2mqtt__i__${name}/config`;

let dir: string;
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

function start(
  change: Partial<DiscoveryOptions> = {},
  jobs: Record<string, { title: string; slots: number[] }> = {},
) {
  const broker = new RecordingBroker();
  const { log, lines } = collectingLog();
  const present = new Map(Object.entries(jobs));
  const discovery = new Discovery({
    ...{ enabled: true, prefix: 'homeassistant', base: 'b', instance: 'i', version: '1.0.0' },
    ...{ statusTopic: 'homeassistant/status', file: join(dir, 'homeassistant.json'), broker, log },
    reader: { jobIds: () => present.keys(), job: (id) => present.get(id), directories: () => ['/mnt/farm'] },
    ...change,
  });
  running.push(discovery);
  discovery.start();
  const set = (id: string, job: { title: string; slots: number[] } | null) => {
    if (job) present.set(id, job);
    else present.delete(id);
    discovery.jobChanged(id);
  };
  return { broker, discovery, set, lines };
}

const JOB = { title: 'One', slots: [1, 2] };
const remembered = async () =>
  Object.keys(JSON.parse(await readFile(join(dir, 'homeassistant.json'), 'utf8')).topics);

describe('discovery', () => {
  it('publishes all devices at the start, parents first, and remembers them for itself alone', async () => {
    const { broker } = start({}, { one: JOB });
    const all = ['bridge', 'job__one', 'job__one__worker__1', 'job__one__worker__2'];
    expect(broker.take()).toEqual(all.map((name) => `+${name}`));
    expect((await remembered()).map(short)).toEqual(all);
    expect((await stat(join(dir, 'homeassistant.json'))).mode & 0o777).toBe(0o600);
  });

  it('has written down what it publishes before it does', () => {
    const broker = new RecordingBroker();
    const known: boolean[] = [];
    broker.retain = (topic) =>
      known.push(readFileSync(join(dir, 'homeassistant.json'), 'utf8').includes(topic));
    start({ broker }, { one: JOB });
    expect(known).toEqual([true, true, true, true]);
  });

  it('follows jobs that come, are renamed, grow, shrink and go', async () => {
    const { broker, set } = start();
    broker.take();
    set('one', JOB);
    set('one', JOB);
    await vi.advanceTimersByTimeAsync(300);
    expect(broker.take()).toEqual(['+job__one', '+job__one__worker__1', '+job__one__worker__2']);
    await vi.advanceTimersByTimeAsync(5000);
    set('one', { title: 'Other', slots: [1, 2, 3] });
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual(['+job__one', ...[1, 2, 3].map((slot) => `+job__one__worker__${slot}`)]);
    set('one', { title: 'Other', slots: [2] });
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take().sort()).toEqual(['-job__one__worker__1', '-job__one__worker__3']);
    set('one', null);
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual(['-job__one__worker__2', '-job__one']);
    expect((await remembered()).map(short)).toEqual(['bridge']);
  });

  it('does nothing for a job whose devices stay as they are', async () => {
    const { broker, set } = start({}, { one: JOB });
    broker.take();
    set('one', { title: 'One', slots: [1, 2] });
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual([]);
  });

  it('takes a sensor of a directory back, and leaves it out two seconds later', async () => {
    const { broker, discovery } = start();
    await vi.advanceTimersByTimeAsync(5000);
    broker.published.length = 0;
    discovery.directoriesChanged(['/mnt/other', '/mnt/other']);
    await vi.advanceTimersByTimeAsync(1900);
    const components = () => broker.published.map(([, payload]) => JSON.parse(payload).components);
    expect(components().map((each) => each.free_space_mnt_farm)).toEqual([{ platform: 'sensor' }]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(components().map((each) => 'free_space_mnt_farm' in each)).toEqual([true, false]);
    expect(components().every((each) => each.free_space_mnt_other.unique_id)).toBe(true);
    discovery.directoriesChanged(['/mnt/other']);
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.published).toHaveLength(2);
  });

  it('waits with leaving out until the broker is back', async () => {
    const { broker, discovery } = start();
    await vi.advanceTimersByTimeAsync(5000);
    broker.published.length = 0;
    broker.away = true;
    discovery.directoriesChanged([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(broker.published).toHaveLength(1);
    broker.settle();
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.published).toHaveLength(2);
  });
});

describe('a later run', () => {
  async function afterwards(change: Partial<DiscoveryOptions>, jobs = {}) {
    const first = start({}, { one: JOB });
    await vi.advanceTimersByTimeAsync(5000);
    first.discovery.stop();
    return start(change, jobs);
  }

  it('clears what is no more, and nothing else', async () => {
    const { broker } = await afterwards({}, { two: { title: 'Two', slots: [] } });
    await vi.advanceTimersByTimeAsync(5000);
    const gone = ['-job__one__worker__1', '-job__one__worker__2', '-job__one'];
    expect(broker.take().sort()).toEqual([...gone, '+bridge', '+job__two'].sort());
    expect((await remembered()).map(short).sort()).toEqual(['bridge', 'job__two']);
    const third = start({}, { two: { title: 'Two', slots: [] } });
    await vi.advanceTimersByTimeAsync(5000);
    expect(third.broker.take()).toEqual(['+bridge', '+job__two']);
  });

  it('clears everything where discovery is switched off, and then is silent', async () => {
    const { broker, discovery } = await afterwards({ enabled: false }, { one: JOB });
    discovery.jobChanged('one');
    discovery.directoriesChanged([]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual(['-job__one__worker__1', '-job__one__worker__2', '-job__one', '-bridge']);
    expect(await remembered()).toEqual([]);
    await rm(join(dir, 'homeassistant.json'));
    const silent = start({ enabled: false }, { one: JOB });
    await vi.advanceTimersByTimeAsync(5000);
    expect([...silent.broker.take(), ...silent.broker.listening]).toEqual([]);
  });

  it('moves to another discovery prefix', async () => {
    const { broker } = await afterwards({ prefix: 'ha' }, { one: JOB });
    await vi.advanceTimersByTimeAsync(5000);
    expect([...broker.standing].filter(([, payload]) => payload).map(([topic]) => topic)).toEqual(
      ['bridge', 'job__one', 'job__one__worker__1', 'job__one__worker__2'].map((name) =>
        topicOf(name).replace('homeassistant', 'ha'),
      ),
    );
    expect(broker.published.filter(([, payload]) => payload === '')).toHaveLength(4);
  });

  it('keeps the devices under another base topic', async () => {
    const { broker } = await afterwards({ base: 'c' }, { one: JOB });
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.published.filter(([, payload]) => payload === '')).toEqual([]);
    expect(broker.published).toHaveLength(4);
    expect(broker.standing.get(topicOf('job__one'))).toContain('"c/job/one"');
  });

  it('starts also where what was published cannot be read', async () => {
    await writeFile(join(dir, 'homeassistant.json'), '{"version":9');
    const { broker, lines } = start();
    expect(broker.take()).toEqual(['+bridge']);
    expect(lines.join()).toContain('is not known');
  });

  it('publishes also where it cannot be written down', () => {
    const { broker, lines } = start({ file: join(dir, 'no', 'such', 'directory') });
    expect(broker.take()).toEqual(['+bridge']);
    expect(lines.join()).toContain("can't be written down");
  });
});

describe('Home Assistant', () => {
  const STATUS = 'homeassistant/status';

  it('gets the states again when it is born, a while later, and no documents', async () => {
    const { broker } = start({}, { one: JOB });
    broker.take();
    broker.says(STATUS, STATUS, 'online');
    broker.says(STATUS, STATUS, 'online');
    expect(broker.resent).toEqual([]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.resent).toHaveLength(1);
    expect(broker.take()).toEqual([]);
    const states = ['b/bridge/state', 'b/bridge/stats', 'b/host', 'b/job/one', 'b/job/one/worker/2'];
    const others = ['b/job/one/eta', 'b/bridge/info', topicOf('bridge'), 'c/job/one', 'b/bridge/response/x'];
    expect([...states, ...others].filter((topic) => broker.resent[0]?.(topic))).toEqual(states);
  });

  it('gets a document again that changed while it came up', async () => {
    const { broker, set } = start({}, { one: JOB });
    await vi.advanceTimersByTimeAsync(5000);
    set('one', { title: 'Other', slots: [1, 2] });
    await vi.advanceTimersByTimeAsync(5000);
    broker.take();
    broker.says(STATUS, STATUS, 'online');
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual(['+job__one', '+job__one__worker__1', '+job__one__worker__2']);
  });

  it.each([
    ['offline', false],
    ['online', true],
  ])('is not born by %s, retained: %s', async (text, retained) => {
    const { broker } = start();
    broker.says(STATUS, STATUS, text, retained);
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.resent).toEqual([]);
  });

  describe('that was away when a job was deleted', () => {
    const gone = ['-job__one__worker__1', '-job__one__worker__2', '-job__one'];
    const risen = ['+job__one', '+job__one__worker__1', '+job__one__worker__2'];

    async function deleted(before: (broker: RecordingBroker) => void) {
      const made = start({}, { one: JOB });
      before(made.broker);
      await vi.advanceTimersByTimeAsync(10_000);
      made.set('one', null);
      await vi.advanceTimersByTimeAsync(10_000);
      made.broker.take();
      return made;
    }

    it('sees its devices come and go when it is back', async () => {
      const { broker } = await deleted((away) => away.says(STATUS, STATUS, 'offline'));
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(3_000);
      const document = JSON.parse(broker.standing.get(topicOf('job__one__worker__1')) ?? '{}');
      expect(document.components.paused).toMatchObject({
        ...{ platform: 'switch', unique_id: 'plot2mqtt__i__job__one__worker__1__paused' },
        default_entity_id: 'switch.b_one_worker_1_paused',
      });
      expect(document.device.identifiers).toEqual(['plot2mqtt__i__job__one__worker__1']);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual([...risen, ...gone]);
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual([]);
    });

    it('sees nothing of it where it was there', async () => {
      const { broker } = await deleted((there) => there.says(STATUS, STATUS, 'online'));
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual([]);
    });

    it('counts as away from each connection on, until it says that it is there', async () => {
      const { broker } = await deleted((there) => {
        there.says(STATUS, STATUS, 'online');
        setTimeout(() => there.connects(), 5_000);
      });
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual([...risen, ...gone]);
    });

    it('sees it also from a later run', async () => {
      const { discovery } = await deleted(() => {});
      discovery.stop();
      const { broker } = start();
      broker.take();
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual([...risen, ...gone]);
    });

    it('sees the sensor of a directory come and go that is used no more', async () => {
      const { broker, discovery } = start();
      await vi.advanceTimersByTimeAsync(10_000);
      discovery.directoriesChanged([]);
      await vi.advanceTimersByTimeAsync(10_000);
      broker.published.length = 0;
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      const sensors = broker.published.map(
        ([, payload]) => JSON.parse(payload).components.free_space_mnt_farm,
      );
      expect(sensors).toEqual([
        expect.objectContaining({ unique_id: 'plot2mqtt__i__bridge__free_space_mnt_farm' }),
        { platform: 'sensor' },
        undefined,
      ]);
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(100_000);
      broker.published.length = 0;
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(20_000);
      expect(broker.take()).toEqual([]);
    });

    it('keeps the devices of a job that was made again', async () => {
      const { broker, set } = await deleted(() => {});
      broker.says(STATUS, STATUS, 'online');
      await vi.advanceTimersByTimeAsync(3_500);
      set('one', JOB);
      await vi.advanceTimersByTimeAsync(20_000);
      expect([...broker.standing].filter(([, payload]) => payload).map(([topic]) => short(topic))).toEqual([
        ...['bridge', 'job__one', 'job__one__worker__1', 'job__one__worker__2'],
      ]);
      expect(broker.standing.get(topicOf('job__one'))).toContain('"One"');
    });
  });

  it('keeps a device away that its user deleted there, until it changes', async () => {
    const { broker, set, lines } = start({}, { one: JOB, two: { title: 'Two', slots: [] } });
    await vi.advanceTimersByTimeAsync(5000);
    broker.take();
    const filter = 'homeassistant/device/+/config';
    broker.says(filter, topicOf('job__one'), '');
    broker.says(filter, topicOf('job__one'), '');
    broker.says(filter, topicOf('job__two').replace('__i__', '__another__'), '');
    broker.says(filter, topicOf('job__two'), '{}');
    expect(broker.standing.has(topicOf('job__one'))).toBe(false);
    expect(broker.standing.has(topicOf('job__two'))).toBe(true);
    expect(lines.filter((line) => line.includes('was deleted in Home Assistant'))).toHaveLength(1);
    set('one', { title: 'One', slots: [1] });
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual(['-job__one__worker__2']);
    set('one', { title: 'Other', slots: [1] });
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual(['+job__one', '+job__one__worker__1']);
  });
});
