import { describe, expect, it } from 'vitest';
import { allowance, mayStart } from '../../../../../src/engine/starting/limits/limits.ts';
import { Bench } from '../../bench.ts';

describe('workers that may start', () => {
  // wanted, max_workers, plots_to_do, plots_done, running → may start
  const cases: [number, number, number, number, number, number][] = [
    [1, 1, 0, 0, 0, 1],
    [1, 1, 0, 0, 1, 0],
    [3, 2, 0, 0, 0, 2],
    [3, 2, 0, 0, 1, 1],
    [3, 0, 0, 0, 7, 3],
    [3, 0, 10, 8, 0, 2],
    [3, 0, 10, 8, 1, 1],
    [3, 0, 10, 8, 2, 0],
    [3, 0, 10, 10, 0, 0],
    [3, 5, 10, 9, 0, 1],
    [9, 5, 10, 1, 2, 3],
    [1, 1, 5, 7, 0, 0],
    [1, 1, 0, 7, 3, 0],
    [0, 0, 0, 0, 0, 0],
  ];
  it.each(cases)(
    '%i wanted, max %i, to do %i, done %i, running %i: %i',
    (wanted, max, todo, done, running, may) => {
      const limits = { max_workers: max, plots_to_do: todo, plots_done: done, running };
      expect(mayStart(wanted, limits)).toBe(may);
    },
  );

  it('is the smallest of the three wherever there is a limit', () => {
    const small = [0, 1, 2, 3, 4];
    for (const max_workers of small)
      for (const plots_to_do of small)
        for (const plots_done of small)
          for (const running of small)
            for (const wanted of small) {
              const left = [
                wanted,
                ...(max_workers === 0 ? [] : [max_workers - running]),
                ...(plots_to_do === 0 ? [] : [plots_to_do - plots_done - running]),
              ];
              const limits = { max_workers, plots_to_do, plots_done, running };
              expect(mayStart(wanted, limits), JSON.stringify({ wanted, ...limits })).toBe(
                Math.max(0, Math.min(...left)),
              );
            }
  });

  it('is without bounds where nothing limits it', () => {
    expect(allowance({ max_workers: 0, plots_to_do: 0, plots_done: 3, running: 3 })).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});

describe('starts on a named event', () => {
  const starts = [{ on: 'go', workers: 3 }];

  it('cuts off what the limits do not allow, and keeps nothing of it', () => {
    const bench = new Bench({ nightly: { max_workers: 2, starts } });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.workers().map(({ slot }) => slot)).toEqual([1, 2]);
    expect(bench.job()).toMatchObject({ pending: 0, wanted: 0 });
    const [first] = bench.workers();
    if (first) bench.exit(first);
    expect(bench.workers()).toHaveLength(1);
  });

  it('counts starts that are on their way', () => {
    const bench = new Bench({ nightly: { max_workers: 4, starts } });
    bench.hold('probe');
    bench.command({ type: 'fire', name: 'go' });
    bench.command({ type: 'fire', name: 'go' });
    bench.release('probe');
    expect(bench.workers()).toHaveLength(4);
  });

  it('adds up several starts on the same event', () => {
    const bench = new Bench({ nightly: { max_workers: 0, starts: [...starts, { on: 'go' }] } });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.workers()).toHaveLength(4);
  });

  it('of which the answer says on how many jobs start', () => {
    const bench = new Bench({ nightly: { starts }, other: { starts }, silent: {} });
    expect(bench.command({ type: 'fire', name: 'go' })).toEqual({ status: 'ok', data: { jobs: 2 } });
    expect(bench.command({ type: 'fire', name: 'nobody' })).toEqual({ status: 'ok', data: { jobs: 0 } });
  });

  it('starts nothing of a disabled job', () => {
    const bench = new Bench({ nightly: { enabled: false, max_workers: 0, starts } });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.workers()).toHaveLength(0);
    expect(bench.job().pending).toBe(0);
    bench.set({ enabled: true });
    expect(bench.workers()).toHaveLength(0);
  });

  it('keeps what a pause holds back, at most what the limits allow, and starts it then', () => {
    const bench = new Bench({ nightly: { max_workers: 4, starts } });
    bench.set({ paused: true });
    bench.command({ type: 'fire', name: 'go' });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.workers()).toHaveLength(0);
    expect(bench.jobView()).toMatchObject({ state: 'paused', pending: 4 });
    bench.set({ paused: false });
    expect(bench.workers()).toHaveLength(4);
    expect(bench.job()).toMatchObject({ pending: 0, wanted: 0 });
  });

  it('keeps what was on its way when the pause came', () => {
    const bench = new Bench({ nightly: { max_workers: 4, starts } });
    bench.hold('probe');
    bench.command({ type: 'fire', name: 'go' });
    bench.set({ paused: true });
    bench.release('probe');
    expect(bench.workers()).toHaveLength(0);
    expect(bench.job().pending).toBe(3);
    bench.set({ paused: false });
    expect(bench.workers()).toHaveLength(3);
  });

  it('keeps less when the limits are lowered meanwhile', () => {
    const bench = new Bench({ nightly: { max_workers: 4, starts } });
    bench.set({ paused: true });
    bench.command({ type: 'fire', name: 'go' });
    bench.set({ max_workers: 2 });
    expect(bench.job().pending).toBe(2);
    bench.set({ plots_to_do: 1 });
    expect(bench.job().pending).toBe(1);
    bench.set({ max_workers: 9, plots_to_do: 0, paused: false });
    expect(bench.workers()).toHaveLength(1);
  });

  it('forgets what it keeps when the job is disabled', () => {
    const bench = new Bench({ nightly: { starts } });
    bench.set({ paused: true });
    bench.command({ type: 'fire', name: 'go' });
    bench.set({ enabled: false });
    expect(bench.job().pending).toBe(0);
    bench.set({ enabled: true, paused: false });
    expect(bench.workers()).toHaveLength(0);
  });

  it('starts no more than lowered limits allow, though more were on their way', () => {
    const bench = new Bench({ nightly: { max_workers: 4, starts } });
    bench.hold('probe');
    bench.command({ type: 'fire', name: 'go' });
    bench.set({ max_workers: 1 });
    bench.release('probe');
    expect(bench.workers()).toHaveLength(1);
  });

  it('keeps what a full disk holds back, and starts it when there is room', () => {
    const bench = new Bench({ nightly: { max_workers: 4, starts } });
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 150 });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.workers()).toHaveLength(1);
    expect(bench.jobView()).toMatchObject({ state: 'blocked', blocked_reason: 'dest_full', pending: 2 });
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 1000 });
    bench.pass(31_000);
    expect(bench.workers()).toHaveLength(3);
    expect(bench.jobView()).toMatchObject({ state: 'running', blocked_reason: 'none', pending: 0 });
    expect(bench.of('job_unblocked').map(({ reason }) => reason)).toEqual(['room']);
  });

  it('looks again at a full disk when any worker ends', () => {
    const bench = new Bench({
      nightly: { starts: [{ on: 'go' }] },
      other: { arguments: { dest_dir: '/else' } },
    });
    const other = bench.startOne('other');
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 1 });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.job().blocked).toBe('dest_full');
    bench.farm.disks.clear();
    bench.exit(other);
    expect(bench.workers()).toHaveLength(1);
  });

  it('starts what was pending behind a full disk along with a start by hand', () => {
    const bench = new Bench({ nightly: { max_workers: 4, starts: [{ on: 'go', workers: 2 }] } });
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 1 });
    bench.command({ type: 'fire', name: 'go' });
    expect(bench.job().pending).toBe(2);
    bench.farm.disks.clear();
    bench.start();
    expect(bench.workers()).toHaveLength(3);
    expect(bench.job()).toMatchObject({ pending: 0, wanted: 0, blocked: 'none' });
  });

  it('keeps pending starts over a restart, also of a job that is paused and short of room', () => {
    const bench = new Bench({ nightly: { starts } });
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 1 });
    bench.command({ type: 'fire', name: 'go' });
    bench.set({ paused: true });
    bench.restart();
    expect(bench.job()).toMatchObject({ pending: 1, blocked: 'dest_full' });
    bench.farm.disks.clear();
    bench.set({ paused: false });
    bench.pass(31_000);
    expect(bench.workers()).toHaveLength(1);
  });
});
