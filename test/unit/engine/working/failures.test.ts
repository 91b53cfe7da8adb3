import { describe, expect, it } from 'vitest';
import { Bench } from '../bench.ts';
import type { JobInput } from '../plotter.ts';
import { steps } from '../story.ts';

describe('a failure', () => {
  const cases: {
    name: string;
    job: JobInput;
    fail: (bench: Bench) => void;
    error: RegExp;
    steps: string[];
  }[] = [
    {
      name: 'of the pre-command',
      job: { pre_command: 'false' },
      fail: (bench) => bench.exit(bench.startOne(), 3, { tail: ['no such thing', ''] }),
      error: /pre_command ended with exit code 3: no such thing/,
      steps: ['worker_started', 'pre_process_started', 'pre_process_finished'],
    },
    {
      name: 'to start the pre-command',
      job: { pre_command: 'false' },
      fail: (bench) => {
        bench.farm.cantLaunch = 'no more processes';
        bench.start();
      },
      error: /no more processes/,
      steps: ['worker_started'],
    },
    {
      name: 'of the plotter',
      job: {},
      fail: (bench) => bench.exit(bench.startOne(), 1, { tail: ['thread failed'] }),
      error: /the plotter ended with exit code 1: thread failed/,
      steps: ['worker_started', 'plotter_started', 'plotter_finished'],
    },
    {
      name: 'that its log has named',
      job: {},
      fail: (bench) => {
        const worker = bench.startOne();
        bench.log(worker, { type: 'error', message: 'disk full', waits: false });
        bench.exit(worker, 134);
      },
      error: /^disk full \(exit code 134\)$/,
      steps: ['worker_started', 'plotter_started', 'plotter_finished'],
    },
    {
      name: 'of a plotter that was killed with its wrapper',
      job: {},
      fail: (bench) => {
        const worker = bench.startOne();
        const exit = { code: null, lost: true, ended_at: bench.now };
        bench.feed({ type: 'exited', owner: worker.id, kind: 'plotter', exit, plot: null, tail: [] });
      },
      error: /is gone/,
      steps: ['worker_started', 'plotter_started', 'plotter_finished'],
    },
    {
      name: 'of a plotter that ends well without its plot',
      job: {},
      fail: (bench) => bench.exit(bench.startOne(), 0, { plot: false }),
      error: /its plot isn't there: \/dest/,
      steps: ['worker_started', 'plotter_started', 'plotter_finished'],
    },
    {
      name: 'to remove the old plot',
      job: { replot: { before: '2026-01-01T00:00:00Z' } },
      fail: (bench) => {
        bench.farm.oldPlots.push({ file: '/dest/old.plot', size: 5 });
        bench.farm.problem = 'read-only file system';
        bench.start();
      },
      error: /could not be removed: read-only/,
      steps: ['worker_started'],
    },
  ];
  it.each(cases)('$name', ({ job, fail, error, steps: expected }) => {
    const bench = new Bench({ nightly: { ...job, max_failures: 0, plots_to_do: 1 } });
    const start = bench.mark();
    fail(bench);
    expect(steps(bench, start)).toEqual([...expected, 'worker_failed', 'worker_end failed']);
    expect(bench.of('worker_failed')[0]?.error).toMatch(error);
    expect(bench.of('worker_end')[0]).toMatchObject({
      plot: null,
      error: bench.of('worker_failed')[0]?.error,
    });
    expect(bench.job()).toMatchObject({ plots_done: 0, failures: 1 });
    // Only which old plot goes is flushed, before it does.
    expect(bench.flushes).toBe(job?.replot ? 1 : 0);
    expect(bench.slotView()).toMatchObject({ status: 'failed', error: expect.stringMatching(error) });
    expect(bench.workers()).toHaveLength(0);
    expect(bench.farm.cleaned).toHaveLength(1);
  });

  it('of the post-command: the plot counts, the error names the exit code, and it adds to the failures', () => {
    const bench = new Bench({ nightly: { post_command: 'mv', plots_to_do: 1 } });
    const worker = bench.startOne();
    bench.exit(worker);
    bench.exit(worker, 7);
    const [end] = bench.of('worker_end');
    expect(end).toMatchObject({ result: 'done', error: expect.stringContaining('exit code 7') });
    expect(end?.plot).toMatch(/\.plot$/);
    expect(bench.of('worker_failed')).toHaveLength(0);
    expect(bench.of('job_end')).toHaveLength(1);
    expect(bench.job()).toMatchObject({ plots_done: 1, failures: 1 });
    expect(bench.slotView().status).toBe('idle');
    expect(bench.state.plots_done).toBe(1);
  });

  it("shows what a plotter waits for as the worker's error until it gets on", () => {
    const bench = new Bench();
    const worker = bench.startOne();
    bench.log(worker, { type: 'error', message: 'Copy failed: no space', waits: true });
    expect(bench.slotView().error).toBe('Copy failed: no space (0.0 kB are free in /dest)');
    bench.enter(worker, '2');
    expect(bench.slotView().error).toBe(null);
    bench.log(worker, { type: 'error', message: 'again', waits: true });
    bench.log(worker, { type: 'final_file', file: '/dest/x.plot' });
    bench.exit(worker);
    expect(bench.of('worker_end')[0]).toMatchObject({ result: 'done', error: null });
    expect(bench.job().failures).toBe(0);
  });

  it('stays on its slot until the next worker takes it', () => {
    const bench = new Bench({ nightly: { max_workers: 2, max_failures: 0 } });
    const [first, other] = bench.start('nightly', 2);
    if (first) bench.exit(first, 1);
    expect(bench.slotView(1)).toMatchObject({ status: 'failed', worker: first?.id });
    if (other) bench.exit(other);
    expect(bench.slotView(1).status).toBe('failed');
    bench.start();
    expect(bench.slotView(1)).toMatchObject({ status: 'plotting', error: null });
  });
});
