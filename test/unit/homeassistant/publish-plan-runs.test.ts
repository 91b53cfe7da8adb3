import { describe, expect, it } from 'vitest';
import { GAP_MS, SETTLE_MS } from '../../../src/homeassistant/publish-plan.ts';
import { BRIDGE, doc, JOB, ORDER, rules, WORKER } from './clockwork.ts';

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
