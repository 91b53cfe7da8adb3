import { describe, expect, it } from 'vitest';
import { GAP_MS, SETTLE_MS } from '../../../src/homeassistant/publish-plan.ts';
import { BRIDGE, doc, JOB, ORDER, rules, WORKER } from './clockwork.ts';

describe('documents', () => {
  it('come parents first, however they are asked for, and once', () => {
    const { plan, look, run, topics } = rules();
    for (const topic of [WORKER, JOB, BRIDGE]) plan.want(doc(topic));
    expect(look()).toBeNull();
    expect(topics()).toEqual([ORDER.bridge, ORDER.job, ORDER.worker]);
    for (const topic of [WORKER, JOB, BRIDGE]) plan.want(doc(topic));
    run(GAP_MS);
    expect(look()).toBeNull();
    expect(topics()).toHaveLength(3);
  });

  it('go children first', () => {
    const { plan, run, topics, take } = rules();
    for (const topic of [BRIDGE, JOB, WORKER]) plan.want(doc(topic));
    run(SETTLE_MS);
    take();
    for (const topic of [BRIDGE, JOB, WORKER]) plan.unwant(topic);
    run(GAP_MS);
    expect(topics()).toEqual(['-job.j.worker.1/config', '-job.j/config', '-bridge/config']);
    expect([...plan.standing()]).toEqual([]);
  });

  it('let a parent wait for a child that may not go yet', () => {
    const { plan, run, look, topics, take } = rules();
    for (const topic of [BRIDGE, JOB]) plan.want(doc(topic));
    run(SETTLE_MS);
    plan.want(doc(WORKER));
    run(SETTLE_MS - 1);
    plan.want(doc(WORKER, 'renamed'));
    look();
    take();
    plan.unwant(WORKER);
    plan.unwant(JOB);
    run(GAP_MS - 1);
    expect(topics()).toEqual([]);
    run(1);
    expect(topics()).toEqual(['-job.j.worker.1/config', '-job.j/config']);
  });

  it('go only when what came last has settled', () => {
    const { plan, look, run, topics, take } = rules();
    plan.want(doc(BRIDGE));
    run(SETTLE_MS);
    plan.want(doc(JOB));
    look();
    take();
    plan.unwant(BRIDGE);
    plan.unwant(JOB);
    expect(look()).toBe(2 * SETTLE_MS);
    expect(topics()).toEqual([]);
    run(SETTLE_MS);
    expect(topics()).toEqual(['-job.j/config', '-bridge/config']);
  });

  it('of one device are two seconds apart, and the last one comes', () => {
    const { plan, look, run, texts, out } = rules();
    for (const text of ['one', 'two', 'three']) {
      plan.want(doc(BRIDGE, text));
      look();
    }
    expect(texts(BRIDGE)).toEqual(['one']);
    run(3 * GAP_MS);
    expect(texts(BRIDGE)).toEqual(['one', 'three']);
    expect(out.map(({ at }) => at)).toEqual([0, GAP_MS]);
  });

  it('that are again what they were are not published', () => {
    const { plan, look, run, texts } = rules();
    plan.want(doc(BRIDGE, 'one'));
    look();
    plan.want(doc(BRIDGE, 'two'));
    plan.want(doc(BRIDGE, 'one'));
    run(3 * GAP_MS);
    expect(texts(BRIDGE)).toEqual(['one']);
  });

  it('of a job that is made again follow two seconds after they went', () => {
    const { plan, run, out, topics } = rules();
    for (const topic of [BRIDGE, JOB]) plan.want(doc(topic));
    run(5 * GAP_MS);
    plan.unwant(JOB);
    plan.want(doc(WORKER));
    plan.unwant(WORKER);
    run(1);
    plan.want(doc(JOB));
    plan.want(doc(WORKER));
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
    const { plan, run, look, confirm, out } = rules();
    plan.want(both);
    run(GAP_MS);
    plan.want(doc(BRIDGE));
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
    const { plan, run, look, out } = rules();
    plan.want(both);
    run(GAP_MS);
    plan.want(doc(BRIDGE));
    look();
    plan.want(both);
    run(5 * GAP_MS);
    expect(components(out.at(-1)?.payload)).toHaveProperty('b.unique_id', 'b');
    expect(out).toHaveLength(3);
  });

  it('of another platform takes the place of one that went by its stub', () => {
    const { plan, run, out } = rules();
    plan.want(both);
    run(GAP_MS);
    plan.want(doc(BRIDGE, '', { a: 'sensor', b: 'number' }));
    run(5 * GAP_MS);
    expect(out.slice(1).map(({ payload }) => components(payload).b)).toEqual([
      { platform: 'switch' },
      { platform: 'number', unique_id: 'b' },
    ]);
  });
});
