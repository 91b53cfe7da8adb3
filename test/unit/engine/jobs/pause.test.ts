import { describe, expect, it } from 'vitest';
import { stopsOf } from '../../../../src/engine/unstored.ts';
import { Bench, hour, minute } from '../bench.ts';
import { smallPlotter } from '../plotter.ts';

const ALL = { pre_command: 'pre', post_command: 'post' };

function pauseWorker(bench: Bench, paused: boolean, slot = 1): void {
  bench.command({ type: 'pause_worker', job: 'nightly', slot, paused });
}

/** Both ways to hold a worker. */
const WAYS: [string, (bench: Bench, paused: boolean) => void][] = [
  ['its job', (bench, paused) => void bench.set({ paused })],
  ['itself', (bench, paused) => pauseWorker(bench, paused)],
];

describe.each(WAYS)('a worker paused by %s', (_name, pause) => {
  it('has its plotter suspended and resumed', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    pause(bench, true);
    expect(bench.farm.running(worker.id)?.suspended).toBe(true);
    expect(bench.slotView().status).toBe('paused');
    pause(bench, false);
    expect(bench.farm.running(worker.id)?.suspended).toBe(false);
    expect(bench.slotView().status).toBe('plotting');
    expect(bench.told().slice(-2)).toEqual(['worker_paused', 'worker_resumed']);
  });

  it('lets its pre-command run to its end and waits behind it', () => {
    const bench = new Bench({ nightly: ALL });
    const worker = bench.startOne();
    pause(bench, true);
    expect(bench.farm.running(worker.id)?.suspended).toBe(false);
    expect(bench.slotView().status).toBe('pre_process');
    bench.exit(worker);
    expect(bench.slotView()).toMatchObject({ status: 'paused', pid: null });
    expect(bench.of('plotter_started')).toHaveLength(0);
    pause(bench, false);
    expect(bench.of('plotter_started')).toHaveLength(1);
  });

  it('lets its post-command run to its end and waits behind it', () => {
    const bench = new Bench({ nightly: ALL });
    const worker = bench.startOne();
    bench.exit(worker);
    bench.exit(worker);
    pause(bench, true);
    bench.exit(worker);
    expect(bench.slotView()).toMatchObject({ status: 'paused', progress: 100 });
    expect(bench.job().plots_done).toBe(0);
    pause(bench, false);
    expect(bench.of('worker_end')).toHaveLength(1);
    expect(bench.job().plots_done).toBe(1);
  });

  it('waits with its post-command where the plotter ends just before it is suspended', () => {
    const bench = new Bench({ nightly: ALL });
    const worker = bench.startOne();
    bench.exit(worker);
    bench.hold('suspend');
    pause(bench, true);
    bench.exit(worker);
    expect(bench.of('post_process_started')).toHaveLength(0);
    pause(bench, false);
    expect(bench.of('post_process_started')).toHaveLength(1);
  });

  it('is suspended as soon as its plotter is started', () => {
    const bench = new Bench();
    bench.hold('run');
    const worker = bench.startOne();
    pause(bench, true);
    bench.release('run');
    expect(bench.farm.running(worker.id)?.suspended).toBe(true);
  });

  it('fails and is cleaned up all the same where its pre-command fails', () => {
    const bench = new Bench({ nightly: ALL });
    const worker = bench.startOne();
    pause(bench, true);
    bench.exit(worker, 1);
    expect(bench.of('worker_end')).toHaveLength(1);
  });

  it('is still paused after a restart', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    pause(bench, true);
    bench.restart();
    expect(bench.slotView().status).toBe('paused');
    expect(bench.farm.running(worker.id)?.suspended).toBe(true);
    pause(bench, false);
    expect(bench.farm.running(worker.id)?.suspended).toBe(false);
    bench.exit(worker);
    expect(bench.job().plots_done).toBe(1);
  });

  it('is still held behind its pre-command after a restart', () => {
    const bench = new Bench({ nightly: ALL });
    const worker = bench.startOne();
    pause(bench, true);
    bench.exit(worker);
    bench.restart();
    expect(bench.of('plotter_started')).toHaveLength(0);
    pause(bench, false);
    expect(bench.of('plotter_started')).toHaveLength(1);
  });

  it('neither moves nor jumps, and the time that it stood counts for nothing', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    bench.enter(worker, '1.1');
    bench.pass(3 * minute);
    bench.enter(worker, '1.2');
    bench.pass(minute);
    const before = bench.slotView();
    expect(before.eta).not.toBe(null);
    pause(bench, true);
    bench.pass(5 * hour);
    expect(bench.slotView()).toMatchObject({ progress: before.progress, eta: null });
    pause(bench, false);
    expect(bench.slotView().progress).toBe(before.progress);
    expect(Date.parse(bench.slotView().eta ?? '') - Date.parse(before.eta ?? '')).toBe(5 * hour);
    bench.pass(minute);
    bench.enter(worker, '2');
    expect(bench.of('stage_finished').map(({ stage, duration_s }) => [stage, duration_s])).toEqual([
      ['1.1', 180],
      ['1.2', 120],
      ['1', 300],
    ]);
    bench.exit(worker);
    expect(bench.of('plotter_finished')[0]?.duration_s).toBe(300);
    expect(bench.jobView().last_plot_duration_s).toBe(300);
  });

  it('measures right what its log says after it was suspended', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    bench.enter(worker, '1.1');
    bench.now += minute;
    pause(bench, true);
    bench.now += minute;
    bench.enter(worker, '1.2');
    bench.now += hour;
    pause(bench, false);
    bench.now += minute;
    bench.enter(worker, '2');
    expect(bench.of('stage_finished').map(({ duration_s }) => duration_s)).toEqual([60, 60, 120]);
  });

  it('tells the last percentage that progress_interval held back', () => {
    const bench = new Bench({ nightly: {} }, { settings: { progress_interval_ms: minute } });
    const worker = bench.startOne();
    bench.enter(worker, '1.2');
    bench.enter(worker, '2');
    expect(bench.of('progress').map(({ percent }) => percent)).toEqual([30]);
    pause(bench, true);
    expect(bench.of('progress').map(({ percent }) => percent)).toEqual([30, 50]);
  });
});

describe('pauses of job and worker together', () => {
  it('suspend while there is one of them', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    bench.set({ paused: true });
    pauseWorker(bench, true);
    bench.set({ paused: false });
    expect(bench.slotView()).toMatchObject({ status: 'paused', paused: true });
    expect(bench.farm.running(worker.id)?.suspended).toBe(true);
    pauseWorker(bench, false);
    expect(bench.slotView()).toMatchObject({ status: 'plotting', paused: false });
    expect(bench.told().filter((type) => /paused|resumed/.test(type))).toEqual([
      'worker_paused',
      'worker_resumed',
    ]);
  });

  it('suspend only the one worker that is paused by itself', () => {
    const bench = new Bench({ nightly: { max_workers: 2 } });
    bench.start('nightly', 2);
    pauseWorker(bench, true, 2);
    expect(bench.slotView(1)).toMatchObject({ status: 'plotting', paused: false });
    expect(bench.slotView(2)).toMatchObject({ status: 'paused', paused: true });
  });

  it('tell nothing when said twice', () => {
    const bench = new Bench();
    bench.start();
    bench.set({ paused: true });
    const mark = bench.mark();
    bench.set({ paused: true });
    expect(bench.told(mark)).toEqual([]);
  });
});

describe.each(WAYS)('a worker whose plotter may not be suspended, paused by %s', (_name, pause) => {
  const unsuspendable = { ...smallPlotter(), suspend: false };
  const plotters = new Map([
    ['small', { definition: unsuspendable, arguments: {}, command: 'small_plotter' }],
  ]);
  const bench = (job = ALL) => new Bench({ nightly: job }, { settings: { plotters } });

  it('goes on to its end, with its post-command', () => {
    const farm = bench();
    const worker = farm.startOne();
    farm.exit(worker);
    pause(farm, true);
    expect(farm.farm.running(worker.id)?.suspended).toBe(false);
    expect(farm.run(worker)).toMatchObject({ suspended: false, suspended_at: null });
    expect(farm.slotView().status).toBe('plotting');
    farm.restart();
    expect(farm.farm.running(worker.id)?.suspended).toBe(false);
    farm.exit(worker);
    expect(farm.slotView().status).toBe('post_process');
    farm.exit(worker);
    expect(farm.job().plots_done).toBe(1);
    expect(farm.told()).not.toContain('worker_paused');
  });

  it('waits before its plotter begins', () => {
    const farm = bench();
    const worker = farm.startOne();
    pause(farm, true);
    farm.exit(worker);
    expect(farm.slotView().status).toBe('paused');
    pause(farm, false);
    expect(farm.of('plotter_started')).toHaveLength(1);
    pause(farm, true);
    expect(farm.farm.running(worker.id)?.suspended).toBe(false);
  });

  it('isn’t suspended either while nothing can be written down', () => {
    const farm = bench();
    farm.exit(farm.startOne());
    const set = { type: 'set', job: 'nightly', settings: { paused: true } } as const;
    expect(stopsOf(farm.world(), set)).toEqual([]);
    expect(stopsOf(farm.world(), { type: 'pause_worker', job: 'nightly', slot: 1, paused: true })).toEqual(
      [],
    );
  });
});
