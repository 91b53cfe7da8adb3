import { describe, expect, it } from 'vitest';
import { Bench, second } from '../bench.ts';
import type { JobInput } from '../plotter.ts';
import { steps, story } from '../story.ts';

const ALL_STEPS: JobInput = {
  pre_command: 'true',
  post_command: 'true',
  replot: { before: '2026-01-01T00:00:00Z' },
  plots_to_do: 1,
};

describe("the order of a worker's life", () => {
  it('with every optional step', () => {
    const bench = new Bench({ nightly: ALL_STEPS });
    bench.farm.oldPlots.push({ file: '/dest/old.plot', size: 5 });
    const start = bench.mark();
    const worker = bench.startOne();
    bench.exit(worker);
    for (const stage of ['1', '1.2', '2', '3', '4', '5']) bench.enter(worker, stage);
    bench.exit(worker);
    bench.exit(worker);
    expect(story(bench, start)).toEqual([
      'worker_started',
      'pre_process_started',
      'pre_process_finished',
      'replot_removed',
      'plotter_started',
      'stage_started 1',
      'stage_started 1.1',
      'stage_finished 1.1',
      'stage_started 1.2',
      'progress 30',
      'stage_finished 1.2',
      'stage_finished 1',
      'stage_started 2',
      'progress 50',
      'stage_finished 2',
      'stage_started 3',
      'progress 70',
      'stage_finished 3',
      'stage_started 4',
      'progress 85',
      'stage_finished 4',
      'stage_started 5',
      'progress 95',
      'stage_finished 5',
      'progress 100',
      'plotter_finished',
      'post_process_started',
      'post_process_finished',
      'worker_end done',
      'job_end',
    ]);
  });

  it('without any', () => {
    const bench = new Bench();
    const start = bench.mark();
    bench.exit(bench.startOne());
    expect(steps(bench, start)).toEqual([
      'worker_started',
      'plotter_started',
      'plotter_finished',
      'worker_end done',
    ]);
  });

  it('goes on without replot_removed where no plot is old enough', () => {
    const bench = new Bench({ nightly: { replot: { before: '2026-01-01T00:00:00Z' } } });
    bench.startOne();
    expect(steps(bench)).toEqual(['job_created', 'worker_started', 'plotter_started']);
  });

  it('lets what is open happen when a plotter that said nothing succeeds', () => {
    const bench = new Bench();
    const start = bench.mark();
    bench.exit(bench.startOne());
    const stages = story(bench, start).filter((line) => line.startsWith('stage'));
    expect(stages).toHaveLength(14);
    expect(stages.at(0)).toBe('stage_started 1');
    expect(stages.at(-1)).toBe('stage_finished 5');
    expect(bench.of('progress').map(({ percent }) => percent)).toEqual([100]);
  });

  it('never goes back to an earlier stage', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    bench.enter(worker, '3');
    const mark = bench.mark();
    bench.log(
      worker,
      { type: 'enter', stage: '1' },
      { type: 'leave', stage: '2' },
      { type: 'inside', stage: '1.2', fraction: 0.9 },
      { type: 'enter', stage: '9' },
      { type: 'leave', stage: '9.9' },
    );
    expect(bench.told(mark)).toEqual([]);
    expect(worker.leaf).toBe(3);
  });

  it('is not moved by stages that the plotter does not have', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    bench.log(worker, { type: 'leave', stage: '9' }, { type: 'inside', stage: '9', fraction: 0.5 });
    expect(bench.of('stage_started')).toHaveLength(0);
    expect(bench.slotView().progress).toBe(0);
  });

  it('measures stages from their beginning, phases with their steps', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    bench.enter(worker, '1.1');
    bench.now += 10 * second;
    bench.enter(worker, '1.2');
    bench.now += 20 * second;
    bench.enter(worker, '2');
    expect(bench.of('stage_finished').map(({ stage, duration_s }) => [stage, duration_s])).toEqual([
      ['1.1', 10],
      ['1.2', 20],
      ['1', 30],
    ]);
  });

  it('numbers events without a gap, each with its own id', () => {
    const bench = new Bench({ nightly: ALL_STEPS });
    for (const _step of ['pre', 'plotter', 'post']) {
      const [worker = bench.startOne()] = bench.workers();
      bench.exit(worker);
    }
    expect(bench.events.map(({ seq }) => seq)).toEqual(bench.events.map((_, index) => index + 1));
    expect(new Set(bench.events.map(({ id }) => id)).size).toBe(bench.events.length);
    expect(bench.events.every((event) => event.type === event.event_type)).toBe(true);
  });
});

describe('what is told twice or too late', () => {
  it('does nothing', () => {
    const bench = new Bench({ nightly: ALL_STEPS });
    const worker = bench.startOne();
    const launched = { type: 'launched', owner: worker.id, kind: 'pre', pid: 1, recovered: false } as const;
    bench.exit(worker);
    const mark = bench.mark();
    bench.feed(launched);
    bench.feed({ type: 'launch_failed', owner: worker.id, kind: 'pre', message: 'late' });
    bench.feed({
      type: 'replot_found',
      worker: worker.id,
      found: { kind: 'chosen', filesystem: '/', plots: [{ file: '/dest/no.plot', size: 1 }], credit: [] },
    });
    bench.feed({
      type: 'replot_removed',
      worker: worker.id,
      file: '/dest/no.plot',
      outcome: { kind: 'failed', reason: 'late' },
    });
    bench.feed({ type: 'cleaned', worker: worker.id, problem: null });
    const exit = { code: 1, lost: false, ended_at: bench.now };
    bench.feed({ type: 'exited', owner: worker.id, kind: 'pre', exit, plot: null, tail: [] });
    for (const kind of ['recheck', 'old_plots', 'keep_running'] as const)
      bench.feed({ type: 'wake', timers: [{ kind, job: 'none' }] });
    bench.feed({ type: 'wake', timers: [{ kind: 'delay', id: 'none' }] });
    expect(bench.told(mark)).toEqual([]);
    expect(bench.workers()[0]).toMatchObject({ step: 'plotter', failed: null });
    bench.feed({ type: 'launched', owner: 'gone', kind: 'plotter', pid: 1, recovered: false });
  });

  it('hears a log that was truncated and began anew', () => {
    const bench = new Bench({ nightly: {} });
    const worker = bench.startOne();
    bench.feed({ type: 'log', run: worker.run, offset: 100, signals: [{ type: 'enter', stage: '2' }] });
    bench.feed({ type: 'log', run: worker.run, offset: 10, signals: [{ type: 'enter', stage: '5' }] });
    expect(bench.slotView().stage).toBe('5');
  });

  it('does nothing while the worker waits behind a pause', () => {
    const bench = new Bench({ nightly: { replot: { before: '2026-01-01T00:00:00Z' } } });
    bench.farm.oldPlots.push({ file: '/dest/old.plot', size: 5 });
    bench.hold('replot_remove');
    const worker = bench.startOne();
    bench.set({ paused: true });
    bench.release('replot_remove');
    const mark = bench.mark();
    const outcome = { kind: 'removed' } as const;
    bench.feed({ type: 'replot_removed', worker: worker.id, file: '/dest/old.plot', outcome });
    expect(bench.told(mark)).toEqual([]);
    expect(bench.workers()[0]).toMatchObject({ step: 'replot_remove', held: true });
  });

  it('does not start a step again that has ended behind a pause', () => {
    const bench = new Bench({ nightly: ALL_STEPS });
    const worker = bench.startOne();
    bench.set({ paused: true });
    bench.exit(worker);
    const mark = bench.mark();
    const stale = { owner: worker.id, kind: 'pre' } as const;
    bench.feed({ type: 'launched', ...stale, pid: 1, recovered: true });
    bench.feed({ type: 'launch_failed', ...stale, message: 'late' });
    expect(bench.told(mark)).toEqual([]);
  });
});
