import { describe, expect, it } from 'vitest';
import { Bench, minute } from '../bench.ts';

describe('job_end', () => {
  it('comes exactly when plots_done reaches plots_to_do', () => {
    const bench = new Bench({ nightly: { max_workers: 3, plots_to_do: 3, max_failures: 0 } });
    const [first, failing, third] = bench.start('nightly', 3);
    if (first) bench.exit(first);
    if (failing) bench.exit(failing, 1);
    if (third) bench.exit(third);
    expect(bench.of('job_end')).toHaveLength(0);
    bench.exit(bench.startOne());
    expect(bench.of('job_end').map(({ plots_done }) => plots_done)).toEqual([3]);
    expect(bench.jobView().state).toBe('done');
  });

  it('does not come again when the limit is lowered, and does when it is raised and reached', () => {
    const bench = new Bench({ nightly: { plots_to_do: 2 } });
    bench.exit(bench.startOne());
    bench.set({ plots_to_do: 1 });
    expect(bench.of('job_end')).toHaveLength(0);
    bench.set({ plots_to_do: 2 });
    bench.exit(bench.startOne());
    expect(bench.of('job_end')).toHaveLength(1);
  });

  it('does not come for a job without a limit', () => {
    const bench = new Bench();
    bench.exit(bench.startOne());
    expect(bench.of('job_end')).toHaveLength(0);
  });
});

describe('counting', () => {
  it('is told in one flushed entry with the end of the worker', () => {
    const bench = new Bench({ nightly: { plots_to_do: 1 } });
    bench.exit(bench.startOne());
    const counting = bench.journal.filter((line) => line.includes('"plots_done":1'));
    expect(counting).toHaveLength(1);
    expect(counting[0]).toContain('worker_end');
    expect(counting[0]).toContain('job_end');
    expect(bench.flushes).toBe(1);
  });

  it('keeps the plots of all time over reset and deletion', () => {
    const bench = new Bench();
    bench.exit(bench.startOne());
    bench.command({ type: 'reset', job: 'nightly' });
    expect(bench.job().plots_done).toBe(0);
    bench.configure({});
    expect(bench.state.jobs.size).toBe(0);
    expect(bench.state.plots_done).toBe(1);
  });

  it('writes a line of history for each worker, and forgets it when it is in the file', () => {
    const bench = new Bench({ nightly: { max_failures: 0 } });
    bench.hold('history');
    const worker = bench.startOne();
    bench.enter(worker, '1.2');
    bench.now += minute;
    bench.exit(worker);
    expect([...bench.state.history.values()]).toEqual([
      {
        worker: worker.id,
        run: worker.id,
        cause: { kind: 'manual', event: null, seq: null },
        job: 'nightly',
        slot: 1,
        plotter: 'small',
        result: 'done',
        plot: `/dest/${worker.id}.plot`,
        size: 100,
        temp_dir: '/tmp1',
        dest_dir: '/dest',
        started_at: '2026-11-23T09:00:00.000Z',
        ended_at: '2026-11-23T09:01:00.000Z',
        duration_s: 60,
        phases: { '1': 60, '2': 0, '3': 0, '4': 0, '5': 0 },
        energy_kwh: null,
        cost: null,
        error: null,
      },
    ]);
    bench.restart();
    const again = () => bench.feedOnly({ type: 'wake', timers: [{ kind: 'history' }] }).effects;
    expect(again()).toEqual([{ type: 'history' }]);
    bench.release('history');
    expect(again()).toEqual([]);
    expect(bench.farm.history).toEqual([worker.id]);
    expect(bench.state.history.size).toBe(0);
  });
});

describe('logs', () => {
  it('are kept for as many workers as save_logs says, counted over restarts', () => {
    const bench = new Bench({ nightly: { save_logs: 2 } });
    const kept: boolean[] = [];
    for (let plot = 0; plot < 4; plot += 1) {
      const worker = bench.startOne();
      kept.push(bench.run(worker).spec.save_logs);
      bench.exit(worker);
      bench.restart();
    }
    expect(kept).toEqual([true, true, false, false]);
    bench.configure({ nightly: { save_logs: 1 } });
    expect(bench.run(bench.startOne()).spec.save_logs).toBe(true);
  });

  it.each([true, false])('are kept for all or none where save_logs is %s', (save_logs) => {
    const bench = new Bench({ nightly: { save_logs, max_workers: 3 } });
    expect(bench.start('nightly', 3).map((worker) => bench.run(worker).spec.save_logs)).toEqual([
      save_logs,
      save_logs,
      save_logs,
    ]);
  });
});

describe('slots', () => {
  it('go to the next worker from the lowest free one', () => {
    const bench = new Bench({ nightly: { max_workers: 3 } });
    const [, middle] = bench.start('nightly', 3);
    if (middle) bench.exit(middle);
    expect(bench.startOne().slot).toBe(2);
  });
});
