import { describe, expect, it, vi } from 'vitest';
import { DocumentParts } from '../../../src/homeassistant/document-parts.ts';
import { bridgeDocument } from '../../../src/homeassistant/documents.ts';
import { depthOf, parentTopic, partOf, partTopic, subjectOf } from '../../../src/homeassistant/ids.ts';
import { GAP_MS } from '../../../src/homeassistant/publish-plan.ts';
import { BRIDGE, doc, rules } from './clockwork.ts';
import { problemsOf } from './rules.ts';
import { JOB as DEVICES, short, start, topicOf } from './running.ts';
import { ALL, componentsOf, FRAME, HOLDS, openly, read } from './samples.ts';

const KIB = 1024;
const farm = (disks: number) =>
  bridgeDocument(FRAME, {
    holds: HOLDS,
    fileSystems: Array.from({ length: disks }, (_, index) => openly(`/mnt/farm-${index}`)),
  });
const bytesOf = (payload: string) => Buffer.byteLength(payload);

/**
 * What Home Assistant has of a device, message by message; throws where a component comes in one part while it is in
 * another. One with nothing but its platform goes.
 */
function heard(published: Iterable<[topic: string, payload: string]>): Map<string, string> {
  const places = new Map<string, string>();
  for (const [topic, payload] of published) {
    const { components }: { components: Record<string, object> } = JSON.parse(payload || '{"components":{}}');
    if (payload === '') for (const [key, place] of places) if (place === topic) places.delete(key);
    for (const [key, component] of Object.entries(components)) {
      const place = places.get(key) ?? topic;
      const goes = Object.keys(component).length === 1;
      if (place !== topic && !goes) throw new Error(`${key} comes in ${topic}, and is in ${place}`);
      if (goes) places.delete(key);
      else places.set(key, topic);
    }
  }
  return places;
}

describe('a document', () => {
  it('stays in one as long as it fits', () => {
    const { documents, gone } = new DocumentParts().split(farm(3), 32 * KIB);
    expect(documents.map(({ topic }) => topic)).toEqual([farm(3).topic]);
    expect(gone).toEqual([]);
  });

  it('is several of the same device where it doesn’t, each of them whole', () => {
    const large = farm(60);
    const parts = new DocumentParts();
    const { documents } = parts.split(large, 32 * KIB);
    expect(documents.length).toBeGreaterThan(2);
    for (const each of documents) {
      expect(bytesOf(each.payload(true)) + bytesOf(each.topic)).toBeLessThan(32 * KIB);
      expect(problemsOf(each.topic, each.payload(true))).toEqual([]);
      expect(read(each).device).toEqual(read(large).device);
      expect(Object.keys(each.components)).toEqual(componentsOf(each).map(([key]) => key));
    }
    const all = documents.flatMap((each) => componentsOf(each).map(([key]) => key));
    expect(all.toSorted()).toEqual(Object.keys(large.components).toSorted());
    expect(parts.problems()).toEqual([]);
  });

  it('leaves a component where it is, and gives up a part that has none any more', () => {
    const parts = new DocumentParts();
    const placesIn = (disks: number) =>
      new Map(
        parts
          .split(farm(disks), 32 * KIB)
          .documents.flatMap(({ topic, components }) =>
            Object.keys(components).map((key) => [key, topic] as const),
          ),
      );
    const before = placesIn(40);
    const after = placesIn(60);
    for (const [key, topic] of before) expect(after.get(key)).toBe(topic);
    // As after a restart.
    const others = new DocumentParts();
    for (const { topic, components } of parts.split(farm(60), 32 * KIB).documents)
      others.remember(topic, components);
    const { documents, gone } = others.split(farm(2), 32 * KIB);
    expect(documents).toHaveLength(1);
    expect(gone.length).toBeGreaterThan(0);
    expect(others.forget(farm(2).topic)).toEqual([farm(2).topic]);
  });

  it('leaves out what fits into no message, and says so', () => {
    const parts = new DocumentParts();
    const { documents } = parts.split(farm(1), 1_400);
    for (const each of documents) expect(bytesOf(each.payload(true))).toBeLessThan(1_400);
    const there = documents.flatMap(({ components }) => Object.keys(components));
    expect(there).toContain('plots_done');
    expect(there).not.toContain('free_space_mnt_farm_0');
    expect(parts.problems()).toEqual([
      expect.stringMatching(/free_space.* of bridge: larger than the broker takes/),
    ]);
    parts.split(farm(1), 32 * KIB);
    expect(parts.problems()).toEqual([]);
  });
});

describe('a component that moves to another part', () => {
  const [first, second] = [BRIDGE, partTopic(BRIDGE, 2)];
  const moves = (one: Record<string, string>, two: Record<string, string> | null) => {
    const { plan, run, out } = rules();
    plan.want(doc(first, '', { a: 'sensor', b: 'switch' }));
    plan.want(doc(second, '', { c: 'sensor' }));
    run(GAP_MS);
    plan.want(doc(first, '', one));
    if (two) plan.want(doc(second, '', two));
    else plan.unwant(second);
    run(20 * GAP_MS);
    return [...heard(out.map(({ topic, payload }) => [topic, payload]))].map(
      ([key, topic]) => `${key} ${partOf(topic).part}`,
    );
  };

  it('has gone from the one before it comes in the other', () => {
    expect(moves({ a: 'sensor' }, { b: 'switch', c: 'sensor' }).sort()).toEqual(['a 1', 'b 2', 'c 2']);
    expect(moves({ a: 'sensor', b: 'switch', c: 'sensor' }, { d: 'sensor' }).sort()).toEqual([
      ...['a 1', 'b 1', 'c 1', 'd 2'],
    ]);
    expect(moves({ a: 'sensor', b: 'switch', c: 'sensor' }, null).sort()).toEqual(['a 1', 'b 1', 'c 1']);
    expect(moves({ a: 'sensor', c: 'sensor' }, { b: 'switch' }).sort()).toEqual(['a 1', 'b 2', 'c 1']);
  });

  it('is none of those that Home Assistant is to be told of again when it was away', () => {
    const { plan, run } = rules();
    plan.want(doc(first, '', { a: 'sensor', b: 'switch' }));
    plan.want(doc(second, '', { c: 'sensor' }));
    run(GAP_MS);
    plan.want(doc(first, '', {}));
    plan.want(doc(second, '', { b: 'switch', c: 'sensor' }));
    expect(plan.leaving(first, { a: 'sensor', b: 'switch' })).toEqual({ a: 'sensor' });
  });
});

describe('the topic of a part', () => {
  it.each(Object.entries(ALL))('is below the document of the %s', (_kind, { topic }) => {
    const part = partTopic(topic, 2);
    expect(partTopic(topic, 1)).toBe(topic);
    expect(partOf(part)).toEqual({ main: topic, part: 2 });
    expect(partOf(topic)).toEqual({ main: topic, part: 1 });
    expect(parentTopic(part)).toBe(topic);
    expect(depthOf(part)).toBe(depthOf(topic) + 1);
    expect(subjectOf('abc123', part)).toEqual(subjectOf('abc123', topic));
  });

  it('is not taken for that of a job with its name', () => {
    for (const name of ['job__part', 'job__part__worker__2', 'move__part'])
      expect(partOf(topicOf(name))).toEqual({ main: topicOf(name), part: 1 });
  });
});

describe('discovery', () => {
  const paths = Array.from({ length: 40 }, (_, index) => `/mnt/farm${index}`);

  it('publishes the parts behind the first, and clears them before it', async () => {
    const { broker, set, setFileSystems } = start({}, { one: DEVICES });
    await vi.advanceTimersByTimeAsync(5000);
    setFileSystems(...paths);
    await vi.advanceTimersByTimeAsync(5000);
    expect([...broker.standing.keys()].map(short).filter((name) => name.startsWith('bridge'))).toEqual([
      ...['bridge', 'bridge__part__2', 'bridge__part__3', 'bridge__part__4', 'bridge__part__5'],
    ]);
    set('one', null);
    const again = start({ enabled: false });
    await vi.advanceTimersByTimeAsync(20_000);
    const cleared = again.broker.take();
    expect(cleared.indexOf('-bridge__part__2')).toBeLessThan(cleared.indexOf('-bridge'));
    expect(cleared).toContain('-bridge__part__5');
  });

  it('keeps to what another broker takes, and tells what is left out', async () => {
    const { broker, leftOut } = start({}, { one: DEVICES });
    await vi.advanceTimersByTimeAsync(5000);
    broker.limit = 1_400;
    broker.connects();
    await vi.advanceTimersByTimeAsync(60_000);
    for (const [topic, payload] of broker.standing)
      if (payload !== '') expect(bytesOf(payload) + bytesOf(topic), topic).toBeLessThan(1_400);
    expect(leftOut.join()).toMatch(/free_space_mnt_farm of bridge/);
    broker.limit = 32 * KIB;
    broker.connects();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(leftOut).toEqual([]);
    // Nothing was in two parts at once, and all is there.
    const [, large] = [...broker.standing].find(([topic]) => short(topic) === 'bridge') ?? [];
    expect(large).toBeDefined();
    const bridge = heard(broker.published.filter(([topic]) => short(topic).startsWith('bridge')));
    expect([...bridge.keys()]).toEqual(
      expect.arrayContaining(['connection', 'free_space_mnt_farm', 'event']),
    );
    expect(
      [...broker.standing].filter(([, payload]) => payload !== '').map(([topic]) => short(topic)),
    ).toContain('job__one');
  });
});
