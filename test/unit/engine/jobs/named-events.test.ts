import { describe, expect, it } from 'vitest';
import { BINDABLE_MOMENTS } from '../../../../src/contract/events.ts';
import { Bench, hour, minute } from '../bench.ts';

/** One whole life, in which the plotter waits once and is silent once for hours, failing where it is to. */
function live(bench: Bench, codes: number[]): void {
  const worker = bench.startOne();
  for (const code of codes) {
    const { step } = bench.state.workers.get(worker.id) ?? {};
    if (step === 'plotter') {
      bench.log(worker, { type: 'error', message: 'no room', waits: true });
      bench.farm.quiet.add(worker.id);
      bench.pass(5 * hour);
    }
    if (step !== undefined) bench.exit(worker, code);
  }
}

describe('a named event', () => {
  const codes: Partial<Record<(typeof BINDABLE_MOMENTS)[number], number[]>> = { worker_failed: [1] };
  // That comes after the worker's life: see moves.test.ts.
  const moments = BINDABLE_MOMENTS.filter((on) => on !== 'move_finished');
  it.each(moments)('is bound to %s and fires once', (on) => {
    const at = on.startsWith('stage') ? { stage: '1.2' } : on === 'progress' ? { percent: 50 } : {};
    const bench = new Bench({
      nightly: {
        pre_command: 'pre',
        post_command: 'post',
        plots_to_do: 1,
        events: [{ fire: 'named', on, ...at }],
      },
    });
    live(bench, codes[on] ?? [0, 0, 0]);
    expect(bench.fired()).toEqual(['named']);
    const worker = bench.of('worker_started')[0]?.worker;
    expect(bench.of('event_fired')[0]).toMatchObject({ source: 'worker', job: 'nightly', slot: 1, worker });
  });

  it('means its own stage and percentage only', () => {
    const bench = new Bench({
      nightly: {
        events: [
          { fire: 'phase', on: 'stage_started', stage: '1' },
          { fire: 'step', on: 'stage_started', stage: '1.1' },
          { fire: 'ended', on: 'stage_finished', stage: '2' },
        ],
      },
    });
    const worker = bench.startOne();
    bench.enter(worker, '1');
    expect(bench.fired()).toEqual(['phase', 'step']);
    bench.enter(worker, '4');
    expect(bench.fired()).toEqual(['phase', 'step', 'ended']);
  });

  it('fires for each percentage that is skipped, in order, and the latest is published', () => {
    const events = [70, 10, 50].map((percent) => ({ fire: `at-${percent}`, on: 'progress', percent }));
    const bench = new Bench({ nightly: { events } }, { settings: { progress_interval_ms: minute } });
    const worker = bench.startOne();
    bench.enter(worker, '3');
    expect(bench.fired()).toEqual(['at-10', 'at-50', 'at-70']);
    expect(bench.of('progress').map(({ percent }) => percent)).toEqual([70]);
    bench.exit(worker);
    expect(bench.fired()).toHaveLength(3);
  });

  it('has its percentage published at once, whatever progress_interval says', () => {
    const events = [{ fire: 'half', on: 'progress', percent: 50 }];
    const bench = new Bench({ nightly: { events } }, { settings: { progress_interval_ms: minute } });
    const worker = bench.startOne();
    for (const stage of ['1.2', '3', '4']) bench.enter(worker, stage);
    expect(bench.told().filter((type) => /progress|fired/.test(type))).toEqual([
      'progress',
      'progress',
      'event_fired',
    ]);
    expect(bench.of('progress').map(({ percent }) => percent)).toEqual([30, 70]);
  });

  it('at 100 percent fires only when the plotter has succeeded', () => {
    const events = [{ fire: 'whole', on: 'progress', percent: 100 }];
    const bench = new Bench({ nightly: { events, max_workers: 2 } });
    const [failing, good] = bench.start('nightly', 2);
    for (const worker of [failing, good]) {
      if (!worker) continue;
      bench.log(worker, { type: 'inside', stage: '5', fraction: 1 });
    }
    expect(bench.of('progress').map(({ percent }) => percent)).toEqual([99, 99]);
    if (failing) bench.exit(failing, 1);
    expect(bench.fired()).toEqual([]);
    if (good) bench.exit(good);
    expect(bench.fired()).toEqual(['whole']);
  });

  it('fires on worker_end of a failed worker too', () => {
    const bench = new Bench({ nightly: { events: [{ fire: 'again', on: 'worker_end' }] } });
    live(bench, [1]);
    expect(bench.fired()).toEqual(['again']);
  });

  it('is told after everything else of its step', () => {
    const bench = new Bench({ nightly: { plots_to_do: 1, events: [{ fire: 'named', on: 'worker_end' }] } });
    live(bench, [0]);
    expect(bench.told().slice(-3)).toEqual(['worker_end', 'job_end', 'event_fired']);
  });

  it('does not fire where emit_events is false, from the moment on at which it is set', () => {
    const bench = new Bench({
      nightly: {
        emit_events: false,
        events: [
          { fire: 'first', on: 'worker_started' },
          { fire: 'second', on: 'stage_started', stage: '1' },
        ],
      },
    });
    const worker = bench.startOne();
    bench.set({ emit_events: true });
    bench.enter(worker, '1');
    expect(bench.fired()).toEqual(['second']);
  });
});

describe('chains', () => {
  it('start workers of another job', () => {
    const bench = new Bench({
      first: { events: [{ fire: 'next', on: 'stage_finished', stage: '2' }] },
      second: { max_workers: 4, starts: [{ on: 'next', workers: 2 }] },
    });
    const worker = bench.startOne('first');
    bench.enter(worker, '2');
    expect(bench.workers('second')).toHaveLength(0);
    bench.enter(worker, '3');
    expect(bench.workers('second')).toHaveLength(2);
  });

  it('go round until plots_to_do is reached', () => {
    const bench = new Bench({
      nightly: { plots_to_do: 3, events: [{ fire: 'again', on: 'worker_end' }], starts: [{ on: 'again' }] },
    });
    bench.start();
    for (let [worker] = bench.workers(); worker; [worker] = bench.workers()) bench.exit(worker);
    expect(bench.job().plots_done).toBe(3);
    expect(bench.of('job_end')).toHaveLength(1);
  });

  it('go round once more for a worker whose slot has just become free', () => {
    const bench = new Bench({
      nightly: { max_workers: 1, events: [{ fire: 'again', on: 'worker_end' }], starts: [{ on: 'again' }] },
    });
    bench.exit(bench.startOne());
    expect(bench.workers()).toHaveLength(1);
    expect(bench.workers()[0]?.slot).toBe(1);
  });

  it('may not start on worker_started beyond the limits', () => {
    const bench = new Bench({
      nightly: {
        max_workers: 3,
        events: [{ fire: 'more', on: 'worker_started' }],
        starts: [{ on: 'more', workers: 9 }],
      },
    });
    bench.start();
    expect(bench.workers()).toHaveLength(3);
  });
});

describe('fired from outside', () => {
  it('starts workers wherever a job waits for it, and says where it came from', () => {
    const bench = new Bench({
      first: { starts: [{ on: 'go' }] },
      second: { starts: [{ on: 'go' }, { on: 'other' }] },
    });
    expect(bench.command({ type: 'fire', name: 'go' })).toEqual({ status: 'ok', data: { jobs: 2 } });
    expect(bench.workers('first')).toHaveLength(1);
    expect(bench.workers('second')).toHaveLength(1);
    expect(bench.of('event_fired')).toMatchObject([{ name: 'go', source: 'mqtt', job: null, worker: null }]);
  });

  it('is told where no job waits for it', () => {
    const bench = new Bench();
    bench.command({ type: 'fire', name: 'nobody' });
    expect(bench.fired()).toEqual(['nobody']);
  });
});

describe('@startup', () => {
  const STARTUP = { starts: [{ on: '@startup', workers: 2 }], max_workers: 3 };

  it('starts workers of jobs that have none', () => {
    const bench = new Bench({ busy: STARTUP, free: STARTUP, other: {} });
    bench.start('busy');
    bench.feed({ type: 'startup' });
    expect(bench.workers('busy')).toHaveLength(1);
    expect(bench.workers('free')).toHaveLength(2);
    expect(bench.of('event_fired')).toMatchObject([{ name: '@startup', source: 'daemon', job: null }]);
  });

  it('adds none in mid-plot', () => {
    const bench = new Bench({ nightly: STARTUP });
    bench.feed({ type: 'startup' });
    bench.restart();
    bench.restart();
    expect(bench.workers()).toHaveLength(2);
    expect(bench.fired()).toEqual(['@startup']);
  });

  it('is not fired where no job waits for it', () => {
    const bench = new Bench();
    bench.feed({ type: 'startup' });
    expect(bench.fired()).toEqual([]);
  });
});
