import { describe, expect, it } from 'vitest';
import type { WorkerState } from '../../../../src/engine/model/worker-state.ts';
import { Bench, hour, minute, second } from '../bench.ts';

const GIB = 2 ** 30;

describe('what ends with its host or container', () => {
  const lost = (bench: Bench, worker: WorkerState, ended_with?: 'host' | 'container') => {
    const exit = { code: null, lost: true, ended_at: bench.now, ...(ended_with && { ended_with }) };
    const kind = worker.step === 'post' ? 'post' : 'plotter';
    bench.feed({ type: 'exited', owner: worker.id, kind, exit, plot: null, tail: [] });
  };

  it.each([
    ['host', 'the plotter is gone: the host was restarted'],
    ['container', 'the plotter is gone: its container has ended'],
  ] as const)('%s: the worker fails, and the job has no failure more', (ended_with, error) => {
    const bench = new Bench({ nightly: { max_workers: 4 } });
    const workers = bench.start('nightly', 4);
    bench.exit(workers[0] ?? { id: '' }, 1);
    for (const worker of workers.slice(1)) lost(bench, worker, ended_with);
    expect(bench.of('worker_end')).toHaveLength(4);
    expect(bench.of('worker_failed').at(-1)).toMatchObject({ error });
    expect(bench.job()).toMatchObject({ failures: 1, blocked: 'none', last_error: error });
    expect(bench.slotView(4)).toMatchObject({ status: 'failed', error });
  });

  it('a post-command too: the plot counts', () => {
    const bench = new Bench({ nightly: { post_command: 'true', max_failures: 1 } });
    const worker = bench.startOne();
    bench.exit(worker);
    lost(bench, bench.workers()[0] ?? worker, 'host');
    expect(bench.of('worker_end')).toMatchObject([
      { result: 'done', error: expect.stringContaining('host') },
    ]);
    expect(bench.job()).toMatchObject({ plots_done: 1, failures: 0, blocked: 'none' });
  });

  it('what somebody killed is a failure', () => {
    const bench = new Bench({ nightly: { max_failures: 1 } });
    lost(bench, bench.startOne());
    expect(bench.job()).toMatchObject({ failures: 1, blocked: 'failing' });
  });
});

describe('a log without end', () => {
  it('has its plotter stopped, and fails the worker, whatever its exit status', () => {
    const bench = new Bench();
    bench.hold('terminate');
    const worker = bench.startOne();
    bench.feed({ type: 'overflowed', owner: worker.id, kind: 'plotter', bytes: 1.1 * GIB });
    bench.feed({ type: 'overflowed', owner: worker.id, kind: 'plotter', bytes: 1.2 * GIB });
    expect(bench.asked.filter(({ type }) => type === 'terminate')).toHaveLength(1);
    bench.exit(worker);
    const error = 'the plotter was stopped: its log has 1.1 GiB, more than it may';
    expect(bench.of('worker_end')).toMatchObject([{ result: 'failed', plot: null, error }]);
    expect(bench.job()).toMatchObject({ failures: 1, plots_done: 0 });
  });

  it('is stopped again after a restart', () => {
    const bench = new Bench();
    bench.hold('terminate');
    const worker = bench.startOne();
    bench.feed({ type: 'overflowed', owner: worker.id, kind: 'plotter', bytes: 2 * GIB });
    bench.restart();
    expect(bench.asked.filter(({ type }) => type === 'terminate')).toHaveLength(2);
  });

  it('of a post-command leaves the plot', () => {
    const bench = new Bench({ nightly: { post_command: 'yes' } });
    const worker = bench.startOne();
    bench.exit(worker);
    bench.hold('terminate');
    bench.feed({ type: 'overflowed', owner: worker.id, kind: 'post', bytes: 2 * GIB });
    bench.exit(worker, 143);
    expect(bench.of('worker_end')).toMatchObject([
      { result: 'done', error: expect.stringMatching(/^post_command was stopped: its log has 2 GiB/) },
    ]);
    expect(bench.job()).toMatchObject({ plots_done: 1, failures: 1 });
  });
});

describe('a clock that is set', () => {
  /** The host's clock is set; time passes as before. */
  const setClock = (bench: Bench, by: number) => {
    bench.now += by;
    bench.ahead -= by;
  };

  it.each([-hour, hour])('by %i ms in mid-plot: durations and averages are of the time that passed', (by) => {
    const bench = new Bench({ nightly: { max_workers: 1 } });
    const worker = bench.startOne();
    bench.pass(5 * second);
    setClock(bench, by);
    bench.enter(worker, '1.2');
    bench.pass(minute);
    bench.enter(worker, '2');
    bench.pass(minute);
    bench.exit(worker);
    expect(bench.of('stage_finished').map(({ stage, duration_s }) => [stage, duration_s])).toEqual(
      expect.arrayContaining([
        ['1.2', 60],
        ['1', 60],
        ['2', 60],
      ]),
    );
    expect(bench.of('plotter_finished')).toMatchObject([{ duration_s: 125 }]);
    expect(bench.jobView()).toMatchObject({ last_plot_duration_s: 125, average_plot_duration_s: 125 });
    // The next plot is expected to take as long as this one did.
    const next = bench.startOne();
    expect(next.pace.expected_s).toBeCloseTo(120);
    const eta = bench.slotView().eta ?? '';
    bench.enter(next, '1.1');
    bench.pass(second);
    expect(Date.parse(bench.slotView().eta ?? eta)).toBeCloseTo(bench.now + 119 * second, -4);
  });

  it('while a worker is paused: no time of it is worked', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    bench.pass(minute);
    bench.set({ paused: true });
    bench.pass(minute);
    setClock(bench, -hour);
    bench.set({ paused: false });
    bench.pass(minute);
    bench.exit(worker);
    expect(bench.of('plotter_finished')).toMatchObject([{ duration_s: 120 }]);
  });
});
