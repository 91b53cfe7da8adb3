import { describe, expect, it } from 'vitest';
import { Bench, hour, minute, second } from '../bench.ts';

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
    bench.feed({ type: 'wake', timers: [{ kind: 'delay', id }] });
    bench.feed({ type: 'wake', timers: [{ kind: 'delay', id }] });
    expect(bench.fired()).toEqual(['next']);
  });

  describe('of half an hour, of which ten minutes are over', () => {
    const LONG = { ...DELAYED, first: { events: [{ fire: 'next', on: 'plotter_started', delay: '30m' }] } };
    const begun = () => {
      const bench = new Bench(LONG);
      bench.timescale = { run: 'boot', base: 0 };
      bench.feed({ type: 'recover' });
      bench.start('first');
      bench.pass(10 * minute);
      return bench;
    };
    /** Whether it fires in 20 minutes, neither before nor after. */
    const lastsTwentyMinutes = (bench: Bench) => {
      bench.pass(20 * minute - second);
      expect(bench.fired()).toEqual([]);
      bench.pass(second);
      expect(bench.fired()).toEqual(['next']);
    };

    it.each([-hour, hour])('lasts as long where the clock is set by %i ms and the daemon restarted', (by) => {
      const bench = begun();
      bench.now += by;
      bench.ahead -= by;
      bench.restart();
      lastsTwentyMinutes(bench);
    });

    it.each([
      ['host', { run: 'another boot', base: 0 }],
      ['daemon, without a clock that goes on', null],
    ])('goes on by the clock after a restart of the %s, and from there as time passes', (_, timescale) => {
      const bench = begun();
      bench.ahead = -5 * hour;
      bench.timescale = timescale;
      bench.restart();
      if (timescale) {
        bench.now += hour;
        bench.ahead -= hour;
        bench.restart();
      }
      lastsTwentyMinutes(bench);
    });

    it('goes on by the clock where version 1 noted it', () => {
      const bench = begun();
      bench.ahead = -5 * hour;
      for (const timer of bench.state.timers.values()) timer.due_steady = null;
      bench.compact();
      bench.restart();
      lastsTwentyMinutes(bench);
    });
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
