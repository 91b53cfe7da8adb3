import { describe, expect, it } from 'vitest';
import { Bench, minute } from '../bench.ts';
import type { JobInput } from '../plotter.ts';

/** A job that starts its next worker whenever one has ended. */
const ROUND: JobInput = { events: [{ fire: 'again', on: 'worker_end' }], starts: [{ on: 'again' }] };

/** Lets every worker fail at once, as long as there is one, but not for ever. */
function failAll(bench: Bench, most = 50): number {
  let failed = 0;
  for (let [worker] = bench.workers(); worker && failed < most; [worker] = bench.workers()) {
    bench.exit(worker, 1);
    failed += 1;
  }
  return failed;
}

describe('the circuit breaker', () => {
  it.each([1, 2, 3, 5])(
    'stops a job after %i failures in a row, says so once, and does not spin',
    (max_failures) => {
      const bench = new Bench({ nightly: { ...ROUND, max_failures } });
      bench.start();
      expect(failAll(bench)).toBe(max_failures);
      expect(bench.of('job_blocked')).toMatchObject([{ reason: 'failing', job: 'nightly' }]);
      expect(bench.jobView()).toMatchObject({
        state: 'blocked',
        blocked_reason: 'failing',
        failures: max_failures,
        pending: 0,
      });
      bench.command({ type: 'fire', name: 'again' });
      bench.pass(10 * minute);
      expect(bench.workers()).toHaveLength(0);
      expect(bench.job().pending).toBe(0);
    },
  );

  it('never stops a job with max_failures 0', () => {
    const bench = new Bench({ nightly: { ...ROUND, max_failures: 0 } });
    bench.start();
    expect(failAll(bench, 20)).toBe(20);
    expect(bench.job()).toMatchObject({ blocked: 'none', failures: 20 });
  });

  it('counts failures in a row only', () => {
    const bench = new Bench({ nightly: { ...ROUND, max_failures: 2 } });
    bench.start();
    for (const code of [1, 0, 1, 0, 1]) {
      const [worker] = bench.workers();
      if (worker) bench.exit(worker, code);
    }
    expect(bench.job()).toMatchObject({ blocked: 'none', failures: 1 });
  });

  it('counts failed post-commands, whose plots count all the same', () => {
    const bench = new Bench({ nightly: { ...ROUND, post_command: 'mv', max_failures: 2 } });
    bench.start();
    for (const code of [0, 1, 0, 1]) {
      const [worker] = bench.workers();
      if (worker) bench.exit(worker, code);
    }
    expect(bench.job()).toMatchObject({ blocked: 'failing', plots_done: 2, failures: 2 });
    expect(bench.workers()).toHaveLength(0);
  });

  it('does not count dismissals', () => {
    const bench = new Bench({ nightly: { max_failures: 1 } });
    bench.start();
    bench.command({ type: 'dismiss_job', job: 'nightly' });
    expect(bench.job()).toMatchObject({ blocked: 'none', failures: 0 });
  });

  it('lets workers that run go on', () => {
    const bench = new Bench({ nightly: { max_workers: 2, max_failures: 1 } });
    const [failing, other] = bench.start('nightly', 2);
    if (failing) bench.exit(failing, 1);
    expect(bench.workers()).toHaveLength(1);
    if (other) bench.exit(other);
    expect(bench.job()).toMatchObject({ blocked: 'failing', plots_done: 1, failures: 0 });
  });

  it('is still on after a restart, and is no reason for @startup', () => {
    const bench = new Bench({ nightly: { ...ROUND, starts: [{ on: '@startup' }], max_failures: 1 } });
    bench.feed({ type: 'startup' });
    failAll(bench);
    bench.restart();
    bench.pass(minute);
    expect(bench.job().blocked).toBe('failing');
    expect(bench.workers()).toHaveLength(0);
  });

  const lifts: [string, (bench: Bench) => void, number, number][] = [
    ['started', (bench) => void bench.start(), 1, 1],
    ['reset', (bench) => void bench.command({ type: 'reset', job: 'nightly' }), 0, 0],
    ['enabled', (bench) => void bench.set({ enabled: true }), 1, 0],
    [
      'enabled',
      (bench) => {
        bench.set({ enabled: false });
        bench.set({ enabled: true });
      },
      1,
      0,
    ],
  ];
  it.each(lifts)('is lifted by hand: %s', (reason, lift, failures, workers) => {
    const bench = new Bench({ nightly: { ...ROUND, max_failures: 1 } });
    bench.start();
    failAll(bench);
    lift(bench);
    expect(bench.of('job_unblocked').map((event) => event.reason)).toEqual([reason]);
    expect(bench.job()).toMatchObject({ blocked: 'none', failures });
    expect(bench.workers()).toHaveLength(workers);
  });

  it('comes back at the next failure, where nobody has reset it', () => {
    const bench = new Bench({ nightly: { ...ROUND, max_failures: 3 } });
    bench.start();
    failAll(bench);
    bench.start();
    expect(failAll(bench)).toBe(1);
    expect(bench.job().blocked).toBe('failing');
  });

  it('is not lifted by disabling, by other settings or by a look at the disks', () => {
    const bench = new Bench({ nightly: { ...ROUND, max_failures: 1 } });
    bench.start();
    failAll(bench);
    bench.set({ enabled: false, max_workers: 5 });
    bench.configure({ nightly: { ...ROUND, max_failures: 1, title: 'New' } });
    bench.pass(minute);
    expect(bench.job().blocked).toBe('failing');
  });

  it('stays when a start by hand finds no room', () => {
    const bench = new Bench({ nightly: { ...ROUND, max_failures: 1 } });
    bench.start();
    failAll(bench);
    bench.farm.disks.set('/dest', { free_bytes: 0 });
    expect(bench.command({ type: 'start', job: 'nightly', workers: 1 })).toMatchObject({
      error: { code: 'no_space' },
    });
    expect(bench.job().blocked).toBe('failing');
  });
});
