import { describe, expect, it } from 'vitest';
import { Bench, hour, minute } from '../bench.ts';

describe('while the daemon was away', () => {
  it("counts a plotter's time from its real start, though it was told only later", () => {
    const bench = new Bench();
    bench.hold('run');
    const worker = bench.startOne();
    const started_at = bench.now;
    bench.pass(hour);
    bench.feed({ type: 'launched', owner: worker.id, kind: 'plotter', pid: 7, recovered: true, started_at });
    bench.feed({
      type: 'exited',
      owner: worker.id,
      kind: 'plotter',
      exit: { code: 0, lost: false, ended_at: bench.now },
      plot: { file: '/dest/a.plot', problem: null, bytes: 1 },
      tail: [],
    });
    expect(bench.of('plotter_finished')[0]?.duration_s).toBe(3600);
  });

  it('learns how long the plot took, not which stage took how long', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    bench.enter(worker, '1');
    bench.pass(minute);
    bench.restart();
    bench.pass(99 * minute);
    bench.exit(worker);
    const [pace] = bench.state.paces.values();
    expect(pace?.stages).toMatchObject({ '1.1': 1800, '2': 1200, '5': 300 });
  });
});

it('tells what could not be cleaned up; that is no failure of the job', () => {
  const bench = new Bench({ nightly: { max_failures: 1 } });
  bench.hold('cleanup');
  const worker = bench.startOne();
  bench.exit(worker);
  bench.feed({ type: 'cleaned', worker: worker.id, problem: '/tmp1/x stays: read-only' });
  expect(bench.of('worker_end')[0]).toMatchObject({ result: 'done', error: '/tmp1/x stays: read-only' });
  expect(bench.job()).toMatchObject({ plots_done: 1, failures: 0, blocked: 'none' });
});
