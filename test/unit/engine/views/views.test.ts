import { describe, expect, it } from 'vitest';
import type { JobStateName } from '../../../../src/contract/views.ts';
import { slotsOf, statsView } from '../../../../src/engine/views/views.ts';
import { Bench, hour, minute } from '../bench.ts';
import type { JobInput } from '../plotter.ts';

describe("a job's state is the first that holds", () => {
  const run = (bench: Bench) => void bench.start();
  const finish = (bench: Bench) => bench.exit(bench.startOne());
  const pause = (bench: Bench) => void bench.set({ paused: true });
  const fill = (bench: Bench) => {
    bench.farm.disks.set('/dest', { free_bytes: 0 });
    bench.start();
  };
  const cases: [JobStateName, string, JobInput, ((bench: Bench) => void)[]][] = [
    ['idle', 'nothing', {}, []],
    ['disabled', 'not enabled', { enabled: false }, []],
    ['done', 'all plots made', { plots_to_do: 1 }, [finish]],
    ['done', 'all plots made, not enabled', { plots_to_do: 1, enabled: false }, [finish]],
    ['idle', 'plots made, without a limit', {}, [finish]],
    ['running', 'a worker, not enabled', { enabled: false }, [run]],
    ['paused', 'a worker, paused', {}, [run, pause]],
    ['paused', 'paused, all plots made', { plots_to_do: 1 }, [finish, pause]],
    ['blocked', 'a full disk', {}, [fill]],
    ['blocked', 'a full disk, paused, with a worker', { max_workers: 2 }, [run, fill, pause]],
  ];
  it.each(cases)('%s: %s', (state, _name, job, acts) => {
    const bench = new Bench({ nightly: job });
    for (const act of acts) act(bench);
    expect(bench.jobView().state).toBe(state);
  });
});

describe("a worker's status", () => {
  it('follows its steps', () => {
    const bench = new Bench({ nightly: { pre_command: 'pre', post_command: 'post' } });
    bench.hold('cleanup');
    expect(bench.slotView()).toMatchObject({ status: 'idle', worker: null, progress: null, pid: null });
    const worker = bench.startOne();
    expect(bench.slotView()).toMatchObject({
      status: 'pre_process',
      worker: worker.id,
      progress: 0,
      stage: null,
    });
    bench.exit(worker);
    bench.log(
      worker,
      { type: 'enter', stage: '1' },
      { type: 'plot_name', name: 'plot-k32-x' },
      { type: 'plot_id', id: 'ab' },
    );
    expect(bench.slotView()).toMatchObject({
      status: 'plotting',
      stage: '1.1',
      stage_title: 'Table 1',
      plot: '/dest/plot-k32-x.plot',
      plot_id: 'ab',
      started_at: '2026-11-23T09:00:00.000Z',
    });
    expect(bench.slotView().pid).toBeGreaterThan(0);
    bench.exit(worker);
    expect(bench.slotView()).toMatchObject({ status: 'post_process', stage: null, progress: 100, eta: null });
    bench.exit(worker);
    expect(bench.slotView().status).toBe('cleanup');
    bench.release('cleanup');
    expect(bench.slotView().status).toBe('idle');
  });
});

describe('the slots of a job', () => {
  it('are there up to max_workers, and those above as long as they are in use', () => {
    const bench = new Bench({ nightly: { max_workers: 4 } });
    const workers = bench.start('nightly', 4);
    bench.set({ max_workers: 2 });
    expect(slotsOf(bench.state, bench.job())).toEqual([1, 2, 3, 4]);
    if (workers[2]) bench.exit(workers[2]);
    expect(slotsOf(bench.state, bench.job())).toEqual([1, 2, 4]);
    if (workers[3]) bench.exit(workers[3]);
    expect(slotsOf(bench.state, bench.job())).toEqual([1, 2]);
  });

  it('are those ever used where there is no limit', () => {
    const bench = new Bench({ nightly: { max_workers: 0 } });
    expect(slotsOf(bench.state, bench.job())).toEqual([]);
    for (const worker of bench.start('nightly', 3)) bench.exit(worker);
    expect(slotsOf(bench.state, bench.job())).toEqual([1, 2, 3]);
  });
});

describe("a job's progress and eta", () => {
  it('are null without a limit', () => {
    const bench = new Bench();
    bench.start();
    expect(bench.jobView()).toMatchObject({ progress: null, eta: null, plots_remaining: null });
  });

  it('count workers in flight by their own progress', () => {
    const bench = new Bench({ nightly: { plots_to_do: 4, max_workers: 2 } });
    bench.exit(bench.startOne());
    const [worker] = bench.start('nightly', 2);
    if (worker) bench.enter(worker, '2');
    expect(bench.jobView()).toMatchObject({ progress: 37.5, plots_remaining: 3, plots_done: 1 });
    bench.command({ type: 'dismiss_job', job: 'nightly' });
    expect(bench.jobView().progress).toBe(25);
  });

  it('tell when the rest will be made in rounds of the usual length', () => {
    const bench = new Bench({ nightly: { plots_to_do: 4 } });
    const first = bench.startOne();
    for (const [stage, minutes] of [
      ['1.1', 30],
      ['1.2', 20],
      ['2', 20],
      ['3', 15],
      ['4', 10],
      ['5', 5],
    ] as const) {
      bench.enter(first, stage);
      bench.now += minutes * minute;
    }
    bench.exit(first);
    expect(bench.jobView()).toMatchObject({
      eta: null,
      average_plot_duration_s: 6000,
      last_plot_duration_s: 6000,
    });
    const second = bench.startOne();
    bench.enter(second, '1');
    expect(Date.parse(bench.slotView().eta ?? '')).toBe(bench.now + 100 * minute);
    expect(Date.parse(bench.jobView().eta ?? '')).toBe(bench.now + 300 * minute);
    bench.set({ paused: true });
    expect(bench.jobView().eta).toBe(null);
  });

  it('have no eta as long as nothing tells the pace', () => {
    const bench = new Bench({ nightly: { plots_to_do: 2 } });
    bench.start();
    expect(bench.slotView().eta).toBe(null);
    expect(bench.jobView()).toMatchObject({ eta: null, progress: 0 });
  });
});

describe('statistics', () => {
  it('count plots of a local day', () => {
    const bench = new Bench();
    bench.exit(bench.startOne());
    bench.exit(bench.startOne());
    const today = () => statsView(bench.state, bench.surroundings.dateOf(bench.now));
    expect(today()).toEqual({ workers: 0, plots_done: 2, plots_today: 2 });
    bench.now += 15 * hour;
    expect(today()).toEqual({ workers: 0, plots_done: 2, plots_today: 0 });
    bench.exit(bench.startOne());
    bench.start();
    expect(today()).toEqual({ workers: 1, plots_done: 3, plots_today: 1 });
  });
});
