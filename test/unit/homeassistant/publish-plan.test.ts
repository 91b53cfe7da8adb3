import { describe, expect, it } from 'vitest';
import { GAP_MS, SETTLE_MS } from '../../../src/homeassistant/publish-plan.ts';
import { BRIDGE, doc, JOB, ORDER, rules, WORKER } from './clockwork.ts';

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
