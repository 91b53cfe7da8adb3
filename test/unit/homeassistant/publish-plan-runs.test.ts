import { describe, expect, it } from 'vitest';
import { GAP_MS, SETTLE_MS } from '../../../src/homeassistant/publish-plan.ts';
import { BRIDGE, doc, JOB, ORDER, rules, WORKER } from './clockwork.ts';

describe('what an earlier run published', () => {
  it('is cleared where there is no reason for it any more, children first', () => {
    const { plan, look, topics } = rules();
    plan.remember(BRIDGE, {}, false);
    plan.remember('old/device/plot2mqtt__i__job__j/config', {}, false);
    plan.remember('old/device/plot2mqtt__i__job__j__worker__1/config', {}, false);
    plan.want(doc(BRIDGE));
    look();
    expect(topics()).toEqual(['-job.j.worker.1/config', '-job.j/config', ORDER.bridge]);
  });

  it('loses the components that there are no more by their stubs', () => {
    const { plan, run, out } = rules();
    plan.remember(BRIDGE, { a: 'sensor', gone: 'switch' }, true);
    plan.want(doc(BRIDGE));
    run(3 * GAP_MS);
    expect(out.map(({ payload }) => JSON.parse(payload).components.gone)).toEqual([
      { platform: 'switch' },
      undefined,
    ]);
  });

  it('is remembered until the broker has its end', () => {
    const { plan, look, confirm } = rules();
    plan.remember(JOB, {}, false);
    look();
    expect([...plan.standing()].map(([topic]) => topic)).toEqual([JOB]);
    confirm();
    expect([...plan.standing()]).toEqual([]);
  });
});

describe('a device that its user deleted', () => {
  function deleted() {
    const made = rules();
    for (const topic of [BRIDGE, JOB]) made.plan.want(doc(topic));
    made.run(GAP_MS);
    made.take();
    expect(made.plan.clearedByOthers(JOB)).toBe(true);
    expect(made.plan.clearedByOthers(JOB)).toBe(false);
    return made;
  }

  it('stays away until it changes', () => {
    const { plan, run, texts } = deleted();
    plan.want(doc(JOB));
    run(GAP_MS);
    expect(texts(JOB)).toEqual([]);
    plan.want(doc(JOB, 'new'));
    run(GAP_MS);
    expect(texts(JOB)).toEqual(['new']);
  });

  it('is not linked to by those that come meanwhile', () => {
    const { plan, run, out } = deleted();
    plan.want(doc(WORKER));
    run(GAP_MS);
    expect(out.map(({ payload }) => JSON.parse(payload).linked)).toEqual([false]);
  });

  it('is not cleared once more when its job goes, and is back when that is made again', () => {
    const { plan, run, topics } = deleted();
    plan.unwant(JOB);
    run(GAP_MS);
    expect(topics()).toEqual([]);
    plan.want(doc(JOB));
    run(GAP_MS);
    expect(topics()).toEqual([ORDER.job]);
  });

  it('is none where we cleared the topic ourselves, or nothing stood', () => {
    const { plan, run } = rules();
    plan.want(doc(BRIDGE));
    run(GAP_MS);
    plan.unwant(BRIDGE);
    run(2 * SETTLE_MS);
    expect(plan.clearedByOthers(BRIDGE)).toBe(false);
    expect(plan.clearedByOthers(JOB)).toBe(false);
  });
});

describe('on the birth of Home Assistant', () => {
  it('what changed in the minute before goes out once more, and nothing else', () => {
    const { plan, run, take, out } = rules();
    for (const topic of [BRIDGE, JOB]) plan.want(doc(topic));
    run(5 * GAP_MS);
    plan.want(doc(JOB, 'new'));
    run(5 * GAP_MS);
    take();
    plan.born(10 * GAP_MS);
    run(GAP_MS);
    expect(out.map(({ topic, again }) => ({ topic, again }))).toEqual([{ topic: JOB, again: true }]);
    plan.born(11 * GAP_MS);
    run(GAP_MS);
    expect(out).toHaveLength(1);
  });

  it('what changed long ago does not', () => {
    const { plan, run, take, out } = rules();
    plan.want(doc(BRIDGE));
    run(GAP_MS);
    plan.want(doc(BRIDGE, 'new'));
    run(61_000);
    take();
    plan.born(63_000 + GAP_MS);
    run(GAP_MS);
    expect(out).toEqual([]);
  });
});
