import { describe, expect, it } from 'vitest';
import type { Document } from '../../../src/homeassistant/documents.ts';
import { deviceId, discoveryTopic, type Subject } from '../../../src/homeassistant/ids.ts';
import { GAP_MS, Publications, SETTLE_MS } from '../../../src/homeassistant/publications.ts';

const topicOf = (subject: Subject) => discoveryTopic('ha', deviceId('i', subject));
const BRIDGE = topicOf({ kind: 'bridge' });
const JOB = topicOf({ kind: 'job', job: 'j' });
const WORKER = topicOf({ kind: 'worker', job: 'j', slot: 1 });

function doc(topic: string, text = '', components: Record<string, string> = { a: 'sensor' }): Document {
  return {
    topic,
    components,
    payload: (linked) =>
      JSON.stringify({
        text,
        linked,
        components: Object.fromEntries(
          Object.entries(components).map(([key, platform]) => [key, { platform, unique_id: key }]),
        ),
      }),
  };
}

/** The rules with a clock of the test's own; confirmations come at once unless they are held. */
function rules() {
  const publications = new Publications();
  const out: { at: number; topic: string; payload: string; again: boolean }[] = [];
  const unconfirmed: string[] = [];
  let now = 0;
  const look = () => {
    const { steps, next } = publications.take(now);
    for (const { topic, payload, again, confirm } of steps) {
      out.push({ at: now, topic, payload, again });
      if (confirm) unconfirmed.push(topic);
    }
    return next;
  };
  const confirm = () => {
    for (const topic of unconfirmed.splice(0)) publications.confirmed(topic, now);
    return look();
  };
  return {
    publications,
    out,
    look,
    confirm,
    /** Lets time pass, waking up when it is asked for, and confirming. */
    run(ms: number) {
      const end = now + ms;
      for (;;) {
        look();
        const next = unconfirmed.length > 0 ? confirm() : look();
        if (next === null || next > end) break;
        now = next;
      }
      now = end;
    },
    texts: (topic: string) =>
      out
        .filter((step) => step.topic === topic)
        .map(({ payload }) => (payload ? JSON.parse(payload).text : '')),
    topics: () =>
      out.map(({ topic, payload }) => `${payload ? '+' : '-'}${topic.split('__').slice(2).join('.')}`),
    take: () => out.splice(0),
  };
}

const ORDER = { bridge: '+bridge/config', job: '+job.j/config', worker: '+job.j.worker.1/config' };

describe('documents', () => {
  it('come parents first, however they are asked for, and once', () => {
    const { publications, look, run, topics } = rules();
    for (const topic of [WORKER, JOB, BRIDGE]) publications.want(doc(topic));
    expect(look()).toBeNull();
    expect(topics()).toEqual([ORDER.bridge, ORDER.job, ORDER.worker]);
    for (const topic of [WORKER, JOB, BRIDGE]) publications.want(doc(topic));
    run(GAP_MS);
    expect(look()).toBeNull();
    expect(topics()).toHaveLength(3);
  });

  it('go children first', () => {
    const { publications, run, topics, take } = rules();
    for (const topic of [BRIDGE, JOB, WORKER]) publications.want(doc(topic));
    run(SETTLE_MS);
    take();
    for (const topic of [BRIDGE, JOB, WORKER]) publications.unwant(topic);
    run(GAP_MS);
    expect(topics()).toEqual(['-job.j.worker.1/config', '-job.j/config', '-bridge/config']);
    expect([...publications.standing()]).toEqual([]);
  });

  it('let a parent wait for a child that may not go yet', () => {
    const { publications, run, look, topics, take } = rules();
    for (const topic of [BRIDGE, JOB]) publications.want(doc(topic));
    run(SETTLE_MS);
    publications.want(doc(WORKER));
    run(SETTLE_MS - 1);
    publications.want(doc(WORKER, 'renamed'));
    look();
    take();
    publications.unwant(WORKER);
    publications.unwant(JOB);
    run(GAP_MS - 1);
    expect(topics()).toEqual([]);
    run(1);
    expect(topics()).toEqual(['-job.j.worker.1/config', '-job.j/config']);
  });

  it('go only when what came last has settled', () => {
    const { publications, look, run, topics, take } = rules();
    publications.want(doc(BRIDGE));
    run(SETTLE_MS);
    publications.want(doc(JOB));
    look();
    take();
    publications.unwant(BRIDGE);
    publications.unwant(JOB);
    expect(look()).toBe(2 * SETTLE_MS);
    expect(topics()).toEqual([]);
    run(SETTLE_MS);
    expect(topics()).toEqual(['-job.j/config', '-bridge/config']);
  });

  it('of one device are two seconds apart, and the last one comes', () => {
    const { publications, look, run, texts, out } = rules();
    for (const text of ['one', 'two', 'three']) {
      publications.want(doc(BRIDGE, text));
      look();
    }
    expect(texts(BRIDGE)).toEqual(['one']);
    run(3 * GAP_MS);
    expect(texts(BRIDGE)).toEqual(['one', 'three']);
    expect(out.map(({ at }) => at)).toEqual([0, GAP_MS]);
  });

  it('that are again what they were are not published', () => {
    const { publications, look, run, texts } = rules();
    publications.want(doc(BRIDGE, 'one'));
    look();
    publications.want(doc(BRIDGE, 'two'));
    publications.want(doc(BRIDGE, 'one'));
    run(3 * GAP_MS);
    expect(texts(BRIDGE)).toEqual(['one']);
  });

  it('of a job that is made again follow two seconds after they went', () => {
    const { publications, run, out, topics } = rules();
    for (const topic of [BRIDGE, JOB]) publications.want(doc(topic));
    run(5 * GAP_MS);
    publications.unwant(JOB);
    publications.want(doc(WORKER));
    publications.unwant(WORKER);
    run(1);
    publications.want(doc(JOB));
    publications.want(doc(WORKER));
    run(5 * GAP_MS);
    expect(topics()).toEqual([ORDER.bridge, ORDER.job, '-job.j/config', ORDER.job, ORDER.worker]);
    expect((out[3]?.at ?? 0) - (out[2]?.at ?? 0)).toBeGreaterThanOrEqual(GAP_MS);
    expect(JSON.parse(out[4]?.payload ?? '')).toMatchObject({ linked: true });
  });
});

describe('a component', () => {
  const both = doc(BRIDGE, '', { a: 'sensor', b: 'switch' });
  const components = (payload: string | undefined) => JSON.parse(payload ?? '{}').components;

  it('goes by its stub, and is left out two seconds after the broker has that', () => {
    const { publications, run, look, confirm, out } = rules();
    publications.want(both);
    run(GAP_MS);
    publications.want(doc(BRIDGE));
    look();
    expect(components(out[1]?.payload)).toEqual({
      a: { platform: 'sensor', unique_id: 'a' },
      b: { platform: 'switch' },
    });
    expect(look()).toBeNull();
    expect(confirm()).toBe(2 * GAP_MS);
    run(GAP_MS);
    expect(components(out[2]?.payload)).toEqual({ a: { platform: 'sensor', unique_id: 'a' } });
    expect(out).toHaveLength(3);
  });

  it('that comes back meanwhile stays', () => {
    const { publications, run, look, out } = rules();
    publications.want(both);
    run(GAP_MS);
    publications.want(doc(BRIDGE));
    look();
    publications.want(both);
    run(5 * GAP_MS);
    expect(components(out.at(-1)?.payload)).toHaveProperty('b.unique_id', 'b');
    expect(out).toHaveLength(3);
  });

  it('of another platform takes the place of one that went by its stub', () => {
    const { publications, run, out } = rules();
    publications.want(both);
    run(GAP_MS);
    publications.want(doc(BRIDGE, '', { a: 'sensor', b: 'number' }));
    run(5 * GAP_MS);
    expect(out.slice(1).map(({ payload }) => components(payload).b)).toEqual([
      { platform: 'switch' },
      { platform: 'number', unique_id: 'b' },
    ]);
  });
});

describe('what an earlier run published', () => {
  it('is cleared where there is no reason for it any more, children first', () => {
    const { publications, look, topics } = rules();
    publications.remember(BRIDGE, {}, false);
    publications.remember('old/device/plot2mqtt__i__job__j/config', {}, false);
    publications.remember('old/device/plot2mqtt__i__job__j__worker__1/config', {}, false);
    publications.want(doc(BRIDGE));
    look();
    expect(topics()).toEqual(['-job.j.worker.1/config', '-job.j/config', ORDER.bridge]);
  });

  it('loses the components that there are no more by their stubs', () => {
    const { publications, run, out } = rules();
    publications.remember(BRIDGE, { a: 'sensor', gone: 'switch' }, true);
    publications.want(doc(BRIDGE));
    run(3 * GAP_MS);
    expect(out.map(({ payload }) => JSON.parse(payload).components.gone)).toEqual([
      { platform: 'switch' },
      undefined,
    ]);
  });

  it('is remembered until the broker has its end', () => {
    const { publications, look, confirm } = rules();
    publications.remember(JOB, {}, false);
    look();
    expect([...publications.standing()].map(([topic]) => topic)).toEqual([JOB]);
    confirm();
    expect([...publications.standing()]).toEqual([]);
  });
});

describe('a device that its user deleted', () => {
  function deleted() {
    const made = rules();
    for (const topic of [BRIDGE, JOB]) made.publications.want(doc(topic));
    made.run(GAP_MS);
    made.take();
    expect(made.publications.clearedByOthers(JOB)).toBe(true);
    expect(made.publications.clearedByOthers(JOB)).toBe(false);
    return made;
  }

  it('stays away until it changes', () => {
    const { publications, run, texts } = deleted();
    publications.want(doc(JOB));
    run(GAP_MS);
    expect(texts(JOB)).toEqual([]);
    publications.want(doc(JOB, 'new'));
    run(GAP_MS);
    expect(texts(JOB)).toEqual(['new']);
  });

  it('is not linked to by those that come meanwhile', () => {
    const { publications, run, out } = deleted();
    publications.want(doc(WORKER));
    run(GAP_MS);
    expect(out.map(({ payload }) => JSON.parse(payload).linked)).toEqual([false]);
  });

  it('is not cleared once more when its job goes, and is back when that is made again', () => {
    const { publications, run, topics } = deleted();
    publications.unwant(JOB);
    run(GAP_MS);
    expect(topics()).toEqual([]);
    publications.want(doc(JOB));
    run(GAP_MS);
    expect(topics()).toEqual([ORDER.job]);
  });

  it('is none where we cleared the topic ourselves, or nothing stood', () => {
    const { publications, run } = rules();
    publications.want(doc(BRIDGE));
    run(GAP_MS);
    publications.unwant(BRIDGE);
    run(2 * SETTLE_MS);
    expect(publications.clearedByOthers(BRIDGE)).toBe(false);
    expect(publications.clearedByOthers(JOB)).toBe(false);
  });
});

describe('on the birth of Home Assistant', () => {
  it('what changed in the minute before goes out once more, and nothing else', () => {
    const { publications, run, take, out } = rules();
    for (const topic of [BRIDGE, JOB]) publications.want(doc(topic));
    run(5 * GAP_MS);
    publications.want(doc(JOB, 'new'));
    run(5 * GAP_MS);
    take();
    publications.born(10 * GAP_MS);
    run(GAP_MS);
    expect(out.map(({ topic, again }) => ({ topic, again }))).toEqual([{ topic: JOB, again: true }]);
    publications.born(11 * GAP_MS);
    run(GAP_MS);
    expect(out).toHaveLength(1);
  });

  it('what changed long ago does not', () => {
    const { publications, run, take, out } = rules();
    publications.want(doc(BRIDGE));
    run(GAP_MS);
    publications.want(doc(BRIDGE, 'new'));
    run(61_000);
    take();
    publications.born(63_000 + GAP_MS);
    run(GAP_MS);
    expect(out).toEqual([]);
  });
});
