import { describe, expect, it } from 'vitest';
import { Bench, minute, second } from '../bench.ts';

const ELSEWHERE = {
  first: { events: [{ fire: 'next', at: 'rig2', on: 'worker_started' }] },
  second: { starts: [{ on: 'next' }] },
};

describe('a named event that is fired at another daemon', () => {
  it('goes there once under its event’s id, and starts nothing here', () => {
    const bench = new Bench(ELSEWHERE);
    const worker = bench.startOne('first');
    const [told] = bench.of('event_fired');
    expect(told).toMatchObject({ name: 'next', target: 'rig2', source: 'worker', worker: worker.id });
    expect(told?.on).toBe('worker_started');
    expect(bench.farm.elsewhere).toEqual([{ id: told?.id, name: 'next', target: 'rig2' }]);
    expect(bench.workers('second')).toEqual([]);
    expect(bench.state.remote_fires.size).toBe(0);
    bench.restart();
    expect(bench.farm.elsewhere).toHaveLength(1);
  });

  it('is kept over restarts until a broker has it, under the same id', () => {
    const bench = new Bench(ELSEWHERE);
    bench.hold('fire_elsewhere');
    bench.start('first');
    const id = bench.of('event_fired')[0]?.id;
    bench.restart();
    bench.compact();
    bench.restart();
    expect([...bench.state.remote_fires]).toEqual([[id, { name: 'next', target: 'rig2' }]]);
    bench.release('fire_elsewhere');
    expect(bench.farm.elsewhere).toEqual([{ id, name: 'next', target: 'rig2' }]);
    expect(bench.state.remote_fires.size).toBe(0);
    bench.restart();
    expect(bench.farm.elsewhere).toHaveLength(1);
  });

  it('waits for its delay, over a restart too; nobody here waits for it', () => {
    const events = [{ fire: 'next', at: 'rig2', on: 'worker_started', delay: 30 }];
    const bench = new Bench({ ...ELSEWHERE, first: { events } });
    bench.start('first');
    expect(bench.jobView('second')).toMatchObject({ waiting_for: 'event', next_start_at: null });
    bench.restart();
    bench.pass(29 * second);
    expect(bench.farm.elsewhere).toEqual([]);
    bench.pass(minute);
    expect(bench.farm.elsewhere).toMatchObject([{ name: 'next', target: 'rig2' }]);
    expect(bench.of('event_fired')).toMatchObject([{ target: 'rig2' }]);
    expect(bench.workers('second')).toEqual([]);
  });

  it('is not fired where the job fires no named events', () => {
    const bench = new Bench({ first: { ...ELSEWHERE.first, emit_events: false } });
    bench.start('first');
    expect(bench.farm.elsewhere).toEqual([]);
  });

  it('goes when a thousand younger ones wait for a broker', () => {
    const events = Array.from({ length: 501 }, (_, index) => ({
      ...{ fire: `e${index}`, at: 'rig2', on: 'worker_started' },
    }));
    const bench = new Bench({ first: { max_workers: 2, events } });
    bench.hold('fire_elsewhere');
    bench.start('first', 2);
    const told = bench.of('event_fired');
    expect(told).toHaveLength(1002);
    expect([...bench.state.remote_fires.keys()]).toEqual(told.slice(2).map(({ id }) => id));
    expect(bench.asked).toContainEqual({ type: 'fire_elsewhere', id: told[0]?.id, fire: null });
    bench.restart();
    expect(bench.state.remote_fires.size).toBe(1000);
  });
});

describe('a named event fired from outside with a transaction', () => {
  const STARTED = { first: { max_workers: 1000, starts: [{ on: 'next' }, { on: 'other' }] } };
  const fire = (bench: Bench, transaction?: string, name = 'next') =>
    bench.command({ type: 'fire', name, ...(transaction === undefined ? {} : { transaction }) });

  it('does nothing a second time, over restarts too, and is answered the same', () => {
    const bench = new Bench(STARTED);
    const answer = { status: 'ok', data: { jobs: 1 } };
    expect(fire(bench, '"a"')).toEqual(answer);
    expect(fire(bench, '"a"')).toEqual(answer);
    bench.restart();
    bench.compact();
    bench.restart();
    expect(fire(bench, '"a"')).toEqual(answer);
    expect(bench.fired()).toEqual(['next']);
    expect(bench.workers('first')).toHaveLength(1);
    fire(bench, '"b"');
    fire(bench);
    fire(bench);
    expect(bench.workers('first')).toHaveLength(4);
  });

  it('is told from one of another name', () => {
    const bench = new Bench(STARTED);
    fire(bench, '"a"');
    fire(bench, '"a"', 'other');
    expect(bench.fired()).toEqual(['next', 'other']);
  });

  it('is one of the last thousand that are remembered', () => {
    const bench = new Bench({ first: {} });
    for (let index = 0; index <= 1000; index += 1) fire(bench, `${index}`);
    expect(bench.state.fire_transactions.size).toBe(1000);
    fire(bench, '1');
    expect(bench.fired()).toHaveLength(1001);
    fire(bench, '0');
    expect(bench.fired()).toHaveLength(1002);
  });
});
