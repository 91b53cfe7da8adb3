import { describe, expect, it } from 'vitest';
import { Bench } from '../bench.ts';

const event = (name: string, seq: number) => ({ kind: 'event', event: name, seq }) as const;
const BY_HAND = { kind: 'manual', event: null, seq: null };

/** The causes of the workers that have started. */
const causes = (bench: Bench) => bench.of('worker_started').map(({ cause }) => cause);
const seqOf = (bench: Bench, name: string) =>
  bench.of('event_fired').find((each) => each.name === name)?.seq ?? -1;

describe('a worker says why it was started', () => {
  it('by hand', () => {
    const bench = new Bench();
    bench.startOne();
    expect(causes(bench)).toEqual([BY_HAND]);
    expect(bench.slotView()).toMatchObject({ cause: BY_HAND, run: bench.workers()[0]?.id });
  });

  it('by the named event, and the number of its event_fired', () => {
    const bench = new Bench({ nightly: { starts: [{ on: 'next' }] } });
    bench.command({ type: 'fire', name: 'next' });
    expect(causes(bench)).toEqual([event('next', seqOf(bench, 'next'))]);
    expect(bench.of('event_fired')).toMatchObject([{ on: null, stage: null, percent: null, target: null }]);
  });

  it('because the daemon came up', () => {
    const bench = new Bench({ nightly: { starts: [{ on: '@startup' }] } });
    bench.comeUp();
    const fired = bench.of('event_fired')[0]?.seq;
    expect(causes(bench)).toEqual([{ kind: 'startup', event: '@startup', seq: fired }]);
  });

  it('because its job keeps running', () => {
    const bench = new Bench({ nightly: { keep_running: true } });
    bench.comeUp();
    expect(causes(bench)).toEqual([{ kind: 'keep_running', event: null, seq: null }]);
  });

  it('after a pause and a restart too, the oldest first', () => {
    const bench = new Bench({ nightly: { max_workers: 0, starts: [{ on: 'a', workers: 2 }, { on: 'b' }] } });
    bench.set({ paused: true });
    for (const name of ['a', 'b']) bench.command({ type: 'fire', name });
    bench.restart();
    bench.set({ paused: false });
    const [a, b] = [event('a', seqOf(bench, 'a')), event('b', seqOf(bench, 'b'))];
    expect(causes(bench)).toEqual([a, a, b]);
    expect(bench.job().asked).toEqual([]);
  });

  it('what limits cut off is forgotten with the newest', () => {
    const bench = new Bench({ nightly: { max_workers: 3, starts: [{ on: 'a' }, { on: 'b', workers: 2 }] } });
    bench.set({ paused: true });
    for (const name of ['a', 'b']) bench.command({ type: 'fire', name });
    bench.set({ max_workers: 1 });
    bench.set({ max_workers: 9 });
    bench.set({ paused: false });
    expect(causes(bench)).toEqual([event('a', seqOf(bench, 'a'))]);
  });
});

it('a named event says to which moment it is bound, after a delay too', () => {
  const events = [
    { fire: 'now', on: 'stage_started', stage: '2' },
    { fire: 'half', on: 'progress', percent: 50, delay: 5 },
  ];
  const bench = new Bench({ nightly: { events } });
  const worker = bench.startOne();
  bench.enter(worker, '3');
  bench.restart();
  bench.pass(6_000);
  expect(bench.of('event_fired')).toMatchObject([
    { name: 'now', on: 'stage_started', stage: '2', percent: null },
    { name: 'half', on: 'progress', stage: null, percent: 50 },
  ]);
});
