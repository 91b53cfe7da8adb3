import { readFileSync } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import type { DiscoveryOptions } from '../../../src/homeassistant/discovery.ts';

import { fileOf, JOB, monthLater, RecordingBroker, remembered, short, start, topicOf } from './running.ts';

describe('discovery', () => {
  it('publishes all devices at the start, parents first, and remembers them for itself alone', async () => {
    const { broker } = start({}, { one: JOB });
    const all = ['bridge', 'job__one', 'job__one__worker__1', 'job__one__worker__2'];
    expect(broker.take()).toEqual(all.map((name) => `+${name}`));
    expect((await remembered()).map(short)).toEqual(all);
    expect((await stat(fileOf('homeassistant.json'))).mode & 0o777).toBe(0o600);
  });

  it('has written down what it publishes before it does', () => {
    const broker = new RecordingBroker();
    const known: boolean[] = [];
    broker.retain = (topic) => known.push(readFileSync(fileOf('homeassistant.json'), 'utf8').includes(topic));
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

  it('has sensors for the energy of plots as long as that is set up', async () => {
    const { broker, set } = start({}, { one: { ...JOB, metered: true } });
    const keys = () => {
      const document = broker.published.filter(([topic]) => topic === topicOf('job__one')).at(-1);
      return Object.keys(JSON.parse(document?.[1] ?? '{}').components).filter((key) => /energy/.test(key));
    };
    expect(keys()).toEqual(['last_plot_energy', 'average_plot_energy']);
    set('one', { ...JOB, metered: false });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(keys()).toEqual([]);
    set('one', { ...JOB, metered: true });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(keys()).toHaveLength(2);
  });

  it('follows moves that come, are renamed and go', async () => {
    const { broker, setMove } = start();
    broker.take();
    setMove('farm', 'Farm');
    await vi.advanceTimersByTimeAsync(300);
    expect(broker.take()).toEqual(['+move__farm']);
    setMove('farm', 'To the farm');
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual(['+move__farm']);
    setMove('farm', 'To the farm');
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual([]);
    setMove('farm', null);
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual(['-move__farm']);
    expect((await remembered()).map(short)).toEqual(['bridge']);
  });

  it('does nothing for a job whose devices stay as they are', async () => {
    const { broker, set } = start({}, { one: JOB });
    broker.take();
    set('one', { title: 'One', slots: [1, 2] });
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual([]);
  });

  it('takes a sensor of a file system back a month after it went, and leaves it out two seconds later', async () => {
    const { broker, setFileSystems } = start();
    await vi.advanceTimersByTimeAsync(5000);
    broker.published.length = 0;
    setFileSystems('/mnt/other');
    await vi.advanceTimersByTimeAsync(5000);
    const [[, kept = '{}'] = []] = broker.published.splice(0);
    expect(JSON.parse(kept).components.free_space_mnt_farm.unique_id).toContain('free_space_mnt_farm');
    monthLater();
    setFileSystems('/mnt/other');
    await vi.advanceTimersByTimeAsync(1900);
    const components = () => broker.published.map(([, payload]) => JSON.parse(payload).components);
    expect(components().map((each) => each.free_space_mnt_farm)).toEqual([{ platform: 'sensor' }]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(components().map((each) => 'free_space_mnt_farm' in each)).toEqual([true, false]);
    expect(components().every((each) => each.free_space_mnt_other.unique_id)).toBe(true);
    setFileSystems('/mnt/other');
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.published).toHaveLength(2);
  });

  it('waits with leaving out until the broker is back', async () => {
    const { broker, setFileSystems } = start();
    await vi.advanceTimersByTimeAsync(5000);
    broker.published.length = 0;
    broker.away = true;
    monthLater();
    setFileSystems();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(broker.published).toHaveLength(1);
    broker.settle();
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.published).toHaveLength(2);
  });
});

describe('one that has left', () => {
  it('writes and publishes nothing more, whatever it waited for', async () => {
    const { broker, discovery, set } = start({}, { one: JOB });
    await vi.advanceTimersByTimeAsync(5000);
    broker.away = true;
    set('one', null);
    set('two', JOB);
    await vi.advanceTimersByTimeAsync(5000);
    discovery.leave();
    broker.take();
    await writeFile(fileOf('homeassistant.json'), 'of the next one');
    broker.settle();
    await vi.advanceTimersByTimeAsync(5000);
    broker.says('homeassistant/status', 'homeassistant/status', 'online');
    broker.connects();
    broker.says('homeassistant/device/+/config', topicOf('bridge'), '');
    discovery.jobChanged('two');
    await vi.advanceTimersByTimeAsync(5000);
    expect([...broker.take(), ...broker.resent]).toEqual([]);
    expect(readFileSync(fileOf('homeassistant.json'), 'utf8')).toBe('of the next one');
  });

  it('gives up what its disk did not take', async () => {
    const { discovery, set } = start({}, { one: JOB });
    await vi.advanceTimersByTimeAsync(5000);
    await rm(fileOf('homeassistant.json'));
    await mkdir(fileOf('homeassistant.json'));
    set('two', JOB);
    await vi.advanceTimersByTimeAsync(5000);
    discovery.leave();
    await rm(fileOf('homeassistant.json'), { recursive: true });
    await writeFile(fileOf('homeassistant.json'), 'of the next one');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(readFileSync(fileOf('homeassistant.json'), 'utf8')).toBe('of the next one');
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
    discovery.bridgeChanged();
    await vi.advanceTimersByTimeAsync(5000);
    expect(broker.take()).toEqual(['-job__one__worker__1', '-job__one__worker__2', '-job__one', '-bridge']);
    expect(await remembered()).toEqual([]);
    await rm(fileOf('homeassistant.json'));
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
    await writeFile(fileOf('homeassistant.json'), '{"version":9');
    const { broker, lines } = start();
    expect(broker.take()).toEqual(['+bridge']);
    expect(lines.join()).toContain('is not known');
  });

  it('publishes also where it cannot be written down', () => {
    const { broker, lines } = start({ file: fileOf('no', 'such', 'directory') });
    expect(broker.take()).toEqual(['+bridge']);
    expect(lines.join()).toContain("can't be written down");
  });
});
