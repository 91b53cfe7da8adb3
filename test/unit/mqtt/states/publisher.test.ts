import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGrowingMask } from '../../../../src/config/mask.ts';
import { objectRoute } from '../../../../src/contract/routes.ts';
import { FARM_ROWS } from '../../../../src/contract/rows/farm.ts';
import { JOB_ROWS } from '../../../../src/contract/rows/job.ts';
import { plainKeysOf } from '../../../../src/contract/rows/row.ts';
import { WORKER_ROWS } from '../../../../src/contract/rows/worker.ts';
import { topics } from '../../../../src/contract/topics.ts';
import { Door } from '../../../../src/mqtt/door.ts';
import { filterMatches } from '../../../../src/mqtt/filter-matches.ts';
import { Outbox } from '../../../../src/mqtt/sending/outbox.ts';
import { Publisher } from '../../../../src/mqtt/states/publisher.ts';
import { collectingLog, FakeState } from '../support/fixture.ts';

/** A publisher whose broker takes everything at once. */
function make(intervalMs = 0) {
  const sent: { topic: string; payload: string }[] = [];
  const outbox = new Outbox({
    door: new Door(createGrowingMask([]), 'b'),
    log: collectingLog().log,
    onAcked: () => {},
    onStuck: () => {},
  });
  outbox.connected({
    maximumPacketSize: 1e6,
    receiveMaximum: 1000,
    publish: ({ topic, payload }, done) => {
      sent.push({ topic, payload });
      queueMicrotask(() => done());
    },
  });
  const state = new FakeState();
  const publisher = new Publisher(outbox, state, { base: 'b', intervalMs });
  onTestFinished(() => publisher.stop());
  const taken = () =>
    sent.splice(0).map(({ topic, payload }) => (payload.startsWith('{') ? topic : `${topic}=${payload}`));
  return { publisher, state, sent, taken };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Of a slot, how many keys have a plain topic. */
const SLOT_KEYS = plainKeysOf(WORKER_ROWS).length;

describe('the publisher', () => {
  it('lets the sentence of what a job waits for stand while that is the same', async () => {
    const { publisher, state, sent } = make();
    const texts = () =>
      sent.splice(0).flatMap(({ topic, payload }) => (topic.endsWith('/waiting_text') ? payload : []));
    for (const waiting_text of ['1 of 2 run', '2 of 2 run']) {
      state.set('a', { waiting_for: 'max_workers', waiting_text });
      publisher.jobChanged('a');
      publisher.flush();
    }
    await settled();
    expect(texts()).toEqual(['1 of 2 run']);
    state.set('a', { waiting_for: 'disk', waiting_text: 'no room' });
    publisher.jobChanged('a');
    publisher.flush();
    await settled();
    expect(texts()).toEqual(['no room']);
  });

  it('sends only what has changed, once for all marks of a tick', async () => {
    const { publisher, state, taken } = make();
    state.set('a', {}, { 1: {} });
    publisher.all();
    publisher.flush();
    await settled();
    const farm = 1 + plainKeysOf(FARM_ROWS).length;
    expect(taken()).toHaveLength(1 + plainKeysOf(JOB_ROWS).length + 1 + SLOT_KEYS + 1 + farm);
    publisher.all();
    publisher.flush();
    expect(taken()).toEqual([]);
    for (let workers = 1; workers < 4; workers += 1) {
      state.set('a', { workers, state: 'running' });
      publisher.jobChanged('a');
    }
    state.set('a', {}, { 1: { status: 'plotting', pid: 7, stage_title: 'Phase 1' } });
    publisher.workerChanged('a', 1);
    await settled();
    await settled();
    expect(taken()).toEqual([
      'b/job/a',
      'b/job/a/state=running',
      'b/job/a/workers=3',
      'b/job/a/worker/1',
      'b/job/a/worker/1/status=plotting',
    ]);
  });

  it('holds progress back to one message an interval, and the last value comes', async () => {
    const { publisher, state, taken } = make(2_000);
    state.set('a', {}, { 1: { status: 'plotting', progress: 0 } });
    publisher.all();
    publisher.flush();
    await settled();
    taken();
    const seen: string[] = [];
    for (let progress = 1; progress <= 50; progress += 1) {
      state.set('a', {}, { 1: { status: 'plotting', progress } });
      publisher.workerChanged('a', 1);
      publisher.flush();
    }
    expect(taken()).toEqual([]);
    await vi.waitFor(
      () => {
        seen.push(...taken());
        expect(seen).toContain('b/job/a/worker/1/progress=50');
      },
      { timeout: 20_000 },
    );
    expect(seen).toEqual(['b/job/a/worker/1', 'b/job/a/worker/1/progress=50']);
  });

  it.each([
    [
      'and with it the progress of its job',
      40,
      ['b/job/a', 'b/job/a/progress=50', 'b/job/a/worker/1', 'b/job/a/worker/1/progress=2'],
    ],
    ['but no job that has no limit', null, ['b/job/a/worker/1', 'b/job/a/worker/1/progress=2']],
  ])('shows how a worker has moved, %s', async (_name, before, topics) => {
    const { publisher, state, taken } = make(0);
    state.set('a', { progress: before }, { 1: { status: 'plotting', progress: 1 } });
    publisher.all();
    publisher.flush();
    await settled();
    taken();
    const jobView = vi.spyOn(state, 'jobView');
    state.set('a', { progress: before === null ? null : 50 }, { 1: { status: 'plotting', progress: 2 } });
    publisher.workerMoved('a', 1);
    publisher.flush();
    expect(taken()).toEqual(topics);
    expect(jobView.mock.calls.length > 0).toBe(before !== null);
  });

  it('lets nothing but progress and eta wait', async () => {
    const { publisher, state, taken } = make(60_000);
    state.set('a', {}, { 1: { status: 'plotting', progress: 1 } });
    publisher.all();
    publisher.flush();
    await settled();
    taken();
    state.set('a', {}, { 1: { status: 'plotting', progress: 2, stage: '1.2' } });
    publisher.workerChanged('a', 1);
    publisher.flush();
    expect(taken()).toEqual([
      'b/job/a/worker/1',
      'b/job/a/worker/1/stage=1.2',
      'b/job/a/worker/1/progress=2',
    ]);
  });

  it('tells an event behind the state that it tells of, which waits for nothing then', async () => {
    const { publisher, state, taken } = make(60_000);
    state.set('a', { progress: 1 }, { 1: { status: 'plotting', progress: 1 }, 2: { progress: 1 } });
    publisher.all();
    publisher.flush();
    await settled();
    taken();
    state.set('a', { progress: 2 }, { 1: { status: 'plotting', progress: 2 }, 2: { progress: 2 } });
    publisher.workerMoved('a', 2);
    publisher.event({ seq: 1, topics: ['b/event'], payload: 'one' }, { job: 'a', slot: 1 });
    publisher.event({ seq: 2, topics: ['b/event'], payload: 'two' });
    expect(taken()).toEqual([]);
    await settled();
    expect(taken()).toEqual([
      ...['b/job/a', 'b/job/a/progress=2', 'b/job/a/worker/1', 'b/job/a/worker/1/progress=2'],
      ...['b/event=one', 'b/event=two'],
    ]);
  });

  it('sends an eta anew when it has moved by a minute', async () => {
    const { publisher, state, sent, taken } = make();
    const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
    const show = async (seconds: number | null) => {
      state.set('a', {}, { 1: { status: 'plotting', eta: seconds === null ? null : at(seconds) } });
      publisher.workerChanged('a', 1);
      publisher.flush();
      await settled();
    };
    await show(0);
    taken();
    for (const seconds of [20, 40, 59]) await show(seconds);
    expect(sent).toEqual([]);
    state.set('a', {}, { 1: { status: 'plotting', eta: at(59), progress: 5 } });
    publisher.workerChanged('a', 1);
    publisher.flush();
    expect(JSON.parse(sent[0]?.payload ?? '')).toMatchObject({ progress: 5, eta: at(0) });
    await settled();
    taken();
    await show(60);
    expect(sent.at(-1)).toEqual({ topic: 'b/job/a/worker/1/eta', payload: at(60) });
    await show(null);
    expect(sent.at(-1)).toEqual({ topic: 'b/job/a/worker/1/eta', payload: 'None' });
  });

  it('clears the objects of what is gone after their plain topics, which are found by them', async () => {
    const { publisher, state, taken } = make();
    state.set('a', {}, { 1: {} });
    publisher.all();
    publisher.flush();
    await settled();
    taken();
    state.jobs.delete('a');
    publisher.jobRemoved('a');
    await settled();
    const cleared = taken();
    expect(cleared).toHaveLength(plainKeysOf(JOB_ROWS).length + 1 + SLOT_KEYS + 1);
    expect(cleared.indexOf('b/job/a/worker/1=')).toBe(SLOT_KEYS);
    expect(cleared.at(-1)).toBe('b/job/a=');
  });

  it('knows what of the retained is not current', () => {
    const { publisher, state } = make();
    state.set('a', {}, { 1: {} });
    expect(publisher.stale('b/job/a')).toEqual([]);
    expect(publisher.stale('b/job/a/worker/1')).toEqual([]);
    expect(publisher.stale('b/job/a/worker/2')).toEqual(
      plainKeysOf(WORKER_ROWS)
        .map((key) => `b/job/a/worker/2/${key}`)
        .concat('b/job/a/worker/2'),
    );
    expect(publisher.stale('b/job/c')).toHaveLength(plainKeysOf(JOB_ROWS).length + 1);
    for (const topic of ['b/job', 'x/job/c', 'b/job/c/worker', 'b/job/c/worker/x', 'b/job/c/state'])
      expect(publisher.stale(topic)).toEqual([]);
  });

  it('compares a thousand workers ten thousand times without sending what has not changed', () => {
    const { publisher, state, sent } = make(60_000);
    const slots = Object.fromEntries(
      Array.from({ length: 1000 }, (_, slot) => [slot + 1, { status: 'plotting' as const, progress: 0 }]),
    );
    state.set('a', {}, slots);
    publisher.all();
    publisher.flush();
    const before = sent.length;
    for (let round = 1; round <= 10; round += 1) {
      for (let slot = 1; slot <= 1000; slot += 1) {
        const view = state.workerView('a', slot);
        if (view) view.progress = round;
        publisher.workerChanged('a', slot);
      }
      publisher.flush();
    }
    expect(sent.length).toBe(before);
  });
});

describe('topics', () => {
  it.each([
    ['a/+/c', 'a/b/c', true],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['a/+', 'a/b/c', false],
    ['a/+', 'a', false],
    ['+/b', '/b', true],
    ['#', '$SYS/x', false],
    ['a/b', 'a/c', false],
  ])('%s against %s', (filter, topic, expected) => {
    expect(filterMatches(filter, topic)).toBe(expected);
  });

  it('of states match no command filter', () => {
    const all = topics('b');
    const states = [
      all.job('x'),
      all.jobKey('x', 'state'),
      all.jobEvent('x', 'job_end'),
      all.worker('x', 1),
      all.workerKey('x', 1, 'eta'),
      all.event,
      all.bridgeInfo,
      all.response('job/x/set'),
    ];
    for (const topic of states)
      for (const filter of all.commandFilters) expect(filterMatches(filter, topic)).toBe(false);
  });

  it('of objects are parsed', () => {
    expect(objectRoute('b', 'b/job/x')).toEqual({ job: 'x', slot: null });
    expect(objectRoute('b', 'b/job/x/worker/12')).toEqual({ job: 'x', slot: 12 });
    expect(objectRoute('b', 'b/job/x/worker/0')).toBeUndefined();
  });
});
