import { describe, expect, it } from 'vitest';
import { Bench, minute, second } from './bench.ts';

describe('a delay', () => {
  const DELAYED = {
    first: { events: [{ fire: 'next', on: 'plotter_started', delay: '30s' }] },
    second: { starts: [{ on: 'next' }] },
  };

  it('passes before the event fires', () => {
    const bench = new Bench(DELAYED);
    const worker = bench.startOne('first');
    bench.pass(29 * second);
    expect(bench.fired()).toEqual([]);
    bench.pass(second);
    expect(bench.fired()).toEqual(['next']);
    expect(bench.of('event_fired')[0]).toMatchObject({ source: 'worker', job: 'first', worker: worker.id });
    expect(bench.workers('second')).toHaveLength(1);
    expect(bench.state.timers.size).toBe(0);
  });

  it('goes on over restarts, and the event fires once', () => {
    const bench = new Bench(DELAYED);
    bench.start('first');
    bench.pass(10 * second);
    bench.restart();
    bench.pass(10 * second);
    bench.restart();
    bench.pass(10 * second);
    bench.restart();
    bench.pass(minute);
    expect(bench.fired()).toEqual(['next']);
    expect(bench.workers('second')).toHaveLength(1);
  });

  it('that ended while the daemon was away is over when it comes up', () => {
    const bench = new Bench(DELAYED);
    bench.start('first');
    bench.crash();
    bench.now += minute;
    bench.comeUp();
    bench.pass(0);
    expect(bench.fired()).toEqual(['next']);
  });

  it('does not lose the start if the daemon dies while the disks are looked at', () => {
    const bench = new Bench(DELAYED);
    bench.start('first');
    bench.hold('probe');
    bench.pass(minute);
    expect(bench.fired()).toEqual(['next']);
    bench.crash();
    bench.farm.held.clear();
    bench.comeUp();
    expect(bench.workers('second')).toHaveLength(1);
  });

  it('outlives its worker and its job', () => {
    const bench = new Bench(DELAYED);
    bench.exit(bench.startOne('first'));
    bench.configure({ second: DELAYED.second });
    expect(bench.state.jobs.has('first')).toBe(false);
    bench.pass(minute);
    expect(bench.fired()).toEqual(['next']);
    expect(bench.workers('second')).toHaveLength(1);
  });

  it('is over when it wakes us, also by a clock that was set back', () => {
    const bench = new Bench(DELAYED);
    bench.start('first');
    const [id = ''] = bench.state.timers.keys();
    bench.now -= 60 * minute;
    bench.feed({ type: 'wake', keys: [`timer:${id}`] });
    bench.feed({ type: 'wake', keys: [`timer:${id}`] });
    expect(bench.fired()).toEqual(['next']);
  });

  it('of several events at once is each its own', () => {
    const events = Array.from({ length: 20 }, (_, index) => ({
      fire: `e${index}`,
      on: 'worker_started',
      delay: 5,
    }));
    const bench = new Bench({ nightly: { events } });
    let calls = 0;
    const few = () => {
      calls += 1;
      return `${Math.floor(calls / 3)}`;
    };
    Object.assign(bench.surroundings, { random: few });
    bench.start();
    bench.pass(minute);
    expect(bench.fired()).toHaveLength(20);
  });
});
