import { describe, expect, it } from 'vitest';
import { farmView } from '../../../../src/engine/views/farm-view.ts';
import { Bench, hour } from '../bench.ts';

const room = { free_bytes: 5, total_bytes: 18, full_at: null };

function farm(bench: Bench) {
  return farmView(bench.state, bench.world(), { today: '2026-11-23', storage: 'ok', disks: [], room });
}

/** A plot, after an hour. */
function plot(bench: Bench, job = 'nightly'): void {
  bench.pass(hour);
  bench.exit(bench.startOne(job));
}

const JOB = { max_failures: 0, max_workers: 3 };

describe('plots of the last 24 hours', () => {
  it('are told of each job and of all, and age by time alone', () => {
    const bench = new Bench({ nightly: JOB, other: { ...JOB, arguments: { dest_dir: '/other' } } });
    plot(bench);
    plot(bench);
    plot(bench, 'other');
    expect(bench.jobView().plots_per_day).toBe(2);
    expect(bench.jobView('other').plots_per_day).toBe(1);
    expect(farm(bench)).toMatchObject({ plots_per_day: 3, free_bytes: 5, total_bytes: 18, full_at: null });
    bench.pass(22 * hour);
    expect([bench.jobView().plots_per_day, farm(bench).plots_per_day]).toEqual([1, 2]);
    bench.pass(24 * hour);
    expect([bench.jobView().plots_per_day, farm(bench).plots_per_day]).toEqual([0, 0]);
  });

  it('are the same after a crash, with the host’s clock set', () => {
    const bench = new Bench({ nightly: JOB });
    bench.timescale = { run: 'boot', base: 0 };
    plot(bench);
    bench.now += 100 * 24 * hour;
    bench.ahead -= 100 * 24 * hour;
    bench.restart();
    expect([bench.jobView().plots_per_day, farm(bench).plots_per_day]).toEqual([1, 1]);
  });

  it('of all are no fewer when a job is reset or deleted', () => {
    const bench = new Bench({});
    bench.command({ type: 'create_job', job: 'mine', definition: new Bench().job().definition });
    plot(bench, 'mine');
    bench.command({ type: 'reset', job: 'mine' });
    expect(bench.jobView('mine')).toMatchObject({ plots_done: 0, plots_per_day: 1 });
    bench.command({ type: 'delete_job', job: 'mine', dismiss: false });
    expect(farm(bench).plots_per_day).toBe(1);
  });
});

describe('failed plots', () => {
  it.each<[string, (bench: Bench) => void, number]>([
    ['a plot that was made', (bench) => plot(bench), 0],
    ['a plotter that fails', (bench) => bench.exit(bench.startOne(), 1), 1],
    ['one without a plot', (bench) => bench.exit(bench.startOne(), 0, { plot: false }), 1],
    [
      'a dismissal',
      (bench) => {
        bench.startOne();
        bench.command({ type: 'dismiss_job', job: 'nightly' });
      },
      0,
    ],
    [
      'a post-command that fails: the plot is there',
      (bench) => {
        bench.configure({ nightly: { ...JOB, post_command: 'false' } });
        const worker = bench.startOne();
        bench.exit(worker);
        bench.exit(worker, 1);
      },
      0,
    ],
  ])('%s', (_, go, failed) => {
    const bench = new Bench({ nightly: JOB });
    go(bench);
    expect(bench.jobView().plots_failed).toBe(failed);
  });

  it('are counted in all, until a reset, over restarts', () => {
    const bench = new Bench({ nightly: JOB });
    bench.exit(bench.startOne(), 1);
    plot(bench);
    bench.exit(bench.startOne(), 1);
    bench.restart();
    expect(bench.jobView()).toMatchObject({ plots_failed: 2, failures: 1, plots_done: 1 });
    bench.command({ type: 'reset', job: 'nightly' });
    expect(bench.jobView()).toMatchObject({ plots_failed: 0, failures: 0, plots_done: 0 });
  });
});
