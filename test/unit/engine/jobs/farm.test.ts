import { describe, expect, it } from 'vitest';
import { FARM_ROWS } from '../../../../src/contract/rows/farm.ts';
import { viewSchema } from '../../../../src/contract/rows/row.ts';
import { farmView } from '../../../../src/engine/views/farm-view.ts';
import { codeOf } from '../answers.ts';
import { Bench, minute } from '../bench.ts';

const starts = [{ on: 'go' }];
const JOBS = { a: { max_workers: 3, starts }, b: { max_workers: 3, starts } };

const limit = (bench: Bench, max_workers: number) => bench.command({ type: 'set_farm', max_workers });
const go = (bench: Bench) => void bench.command({ type: 'fire', name: 'go' });
const running = (bench: Bench) => ['a', 'b'].map((job) => bench.workers(job).length);
const room = { free_bytes: 5e12, total_bytes: 18e12, full_at: '2027-01-01T00:00:00.000Z' };
const around = { today: '2026-11-23', storage: 'ok', disks: [], room } as const;
const view = (bench: Bench, storage: 'ok' | 'failing' = 'ok') =>
  farmView(bench.state, bench.world(), { ...around, storage });

describe('workers of all jobs at once', () => {
  it('are no more than the farm may have; what is held back starts when one ends, the oldest first', () => {
    const bench = new Bench({ ...JOBS, b: { ...JOBS.b, starts: [{ on: 'b' }] } });
    limit(bench, 1);
    const first = bench.startOne('a');
    bench.command({ type: 'fire', name: 'b' });
    go(bench);
    expect([bench.job('a').pending, bench.job('b').pending]).toEqual([1, 1]);
    bench.exit(first);
    expect(running(bench)).toEqual([0, 1]);
    expect(bench.jobView('a')).toMatchObject({ waiting_for: 'farm', pending: 1 });
  });

  it('0 starts none, those that run go on; a higher limit starts what waits', () => {
    const bench = new Bench(JOBS);
    const worker = bench.startOne('a');
    limit(bench, 0);
    go(bench);
    expect(bench.farm.running(worker.id)).toMatchObject({ suspended: false });
    expect(codeOf(bench.command({ type: 'start', job: 'b', workers: 1 }))).toBe('limit_reached');
    expect(running(bench)).toEqual([1, 0]);
    limit(bench, 1000);
    expect(running(bench)).toEqual([2, 1]);
  });

  it('outlive a restart', () => {
    const bench = new Bench(JOBS);
    limit(bench, 1);
    bench.restart();
    go(bench);
    expect(running(bench)).toEqual([1, 0]);
  });

  it('of several that are on their way the oldest has the place, whose disks answer first or last', () => {
    const bench = new Bench({ ...JOBS, b: { ...JOBS.b, starts: [{ on: 'b' }] } });
    limit(bench, 1);
    bench.hold('probe');
    go(bench);
    bench.command({ type: 'fire', name: 'b' });
    expect([bench.job('a').wanted, bench.job('b').pending]).toEqual([1, 1]);
    expect(bench.jobView('b')).toMatchObject({
      waiting_for: 'farm',
      waiting_text: "0 of 1 workers of the farm run, 1 is about to start (the farm's max_workers 1)",
    });
    bench.release('probe');
    expect(running(bench)).toEqual([1, 0]);
  });

  it('a place that the oldest can’t take goes to the next', () => {
    const bench = new Bench({
      ...JOBS,
      b: { ...JOBS.b, starts: [{ on: 'b' }], arguments: { dest_dir: '/b' } },
    });
    bench.farm.disks.set('/dest', { problem: 'missing' });
    limit(bench, 1);
    bench.hold('probe');
    go(bench);
    bench.command({ type: 'fire', name: 'b' });
    bench.release('probe');
    expect(bench.job('a')).toMatchObject({ blocked: 'missing_directory', pending: 1 });
    expect(running(bench)).toEqual([0, 1]);
  });

  it('nor does one that is paused while its disks are looked at keep its place', () => {
    const bench = new Bench({ ...JOBS, b: { ...JOBS.b, starts: [{ on: 'b' }] } });
    limit(bench, 1);
    bench.hold('probe');
    go(bench);
    bench.command({ type: 'fire', name: 'b' });
    bench.set({ paused: true }, 'a');
    bench.release('probe');
    expect(running(bench)).toEqual([0, 1]);
  });

  it('jobs that keep running take what is left', () => {
    const bench = new Bench({ a: { max_workers: 5, keep_running: true }, b: { ...JOBS.b } });
    limit(bench, 3);
    bench.comeUp();
    expect(running(bench)).toEqual([3, 0]);
    const [worker] = bench.workers('a');
    go(bench);
    bench.exit(worker ?? { id: '' });
    expect(running(bench)).toEqual([2, 1]);
  });
});

describe('drained', () => {
  const drain = (bench: Bench) => bench.command({ type: 'set_hold', job: null, name: 'drain', wanted: {} });

  it('is told once, when the last worker has ended', () => {
    const bench = new Bench(JOBS);
    const workers = [bench.startOne('a'), bench.startOne('b')];
    drain(bench);
    go(bench);
    for (const worker of workers) {
      expect(view(bench).drained).toBe(false);
      bench.exit(worker);
    }
    expect(view(bench)).toMatchObject({ drained: true, workers: 0, pending: 2 });
    expect(bench.told().at(-1)).toBe('farm_drained');
    bench.restart();
    bench.pass(minute);
    expect(bench.of('farm_drained')).toMatchObject([{ job: null, worker: null }]);
  });

  it('is told at once where nothing runs, and anew after a release', () => {
    const bench = new Bench(JOBS);
    drain(bench);
    expect(bench.told().slice(-2)).toEqual(['hold_set', 'farm_drained']);
    bench.command({ type: 'release_hold', job: null, name: 'drain' });
    expect(view(bench).drained).toBe(false);
    drain(bench);
    expect(bench.of('farm_drained')).toHaveLength(2);
  });

  it('is not what no worker makes, nor a hold of a job that is called so', () => {
    const bench = new Bench(JOBS);
    bench.command({ type: 'set_hold', job: 'a', name: 'drain', wanted: {} });
    bench.command({ type: 'set_hold', job: null, name: 'pause', wanted: {} });
    expect(view(bench).drained).toBe(false);
    expect(bench.of('farm_drained')).toEqual([]);
  });
});

describe('do/stop', () => {
  const stop = (bench: Bench) => bench.send({ type: 'stop_farm' });

  it('drains the farm at once, and is answered when nothing runs any more', () => {
    const bench = new Bench({ ...JOBS, a: { ...JOBS.a, keep_running: true } });
    bench.startOne('b');
    bench.hold('terminate');
    const ticket = stop(bench);
    expect(bench.answers.get(ticket)).toBeUndefined();
    expect(bench.state.farm.holds.drain).toMatchObject({ kind: 'no_starts', moves: true });
    bench.release('terminate');
    expect(bench.answers.get(ticket)).toEqual({ status: 'ok', data: null });
    expect(bench.told().at(-1)).toBe('farm_drained');
    expect(bench.of('worker_end')).toEqual([]);
    go(bench);
    expect(running(bench)).toEqual([0, 0]);
    bench.command({ type: 'release_hold', job: null, name: 'drain' });
    expect(running(bench)[1]).toBe(1);
  });

  it('where nothing runs is answered at once', () => {
    const bench = new Bench(JOBS);
    expect(bench.answers.get(stop(bench))).toEqual({ status: 'ok', data: null });
    expect(view(bench).drained).toBe(true);
  });

  it('stops workers that are paused, too', () => {
    const bench = new Bench(JOBS);
    bench.startOne('a');
    bench.command({ type: 'set_hold', job: null, name: 'pause', wanted: {} });
    stop(bench);
    expect(bench.of('worker_dismissed')).toHaveLength(1);
  });
});

describe('the view of the farm', () => {
  it('shows its holds, and what all jobs have', () => {
    const bench = new Bench(JOBS);
    bench.exit(bench.startOne('a'));
    const worker = bench.startOne('a');
    const wanted = { kind: 'no_starts', reason: 'dear', for_s: 60 } as const;
    bench.command({ type: 'set_hold', job: null, name: 'price', wanted });
    go(bench);
    const shown = view(bench);
    expect(viewSchema(FARM_ROWS).safeParse(shown).error).toBeUndefined();
    const at = new Date(bench.now).toISOString();
    const until = new Date(bench.now + minute).toISOString();
    expect(shown).toMatchObject({
      ...{ max_workers: 1000, workers: 1, moves: 0, pending: 2, plots_done: 1, plots_today: 1 },
      holds: [
        { name: 'price', kind: 'no_starts', jobs: null, moves: false, reason: 'dear', since: at, until },
      ],
      ...{ problems: [], energy_kwh: null, drained: false },
    });
    expect(farmView(bench.state, bench.world(), { ...around, today: '2026-11-24' }).plots_today).toBe(0);
    bench.exit(worker);
    expect(view(bench).last_end_at).toBe(null);
  });

  it('knows when the last worker will have ended, unless one is paused', () => {
    const bench = new Bench(JOBS);
    const timed = bench.startOne('a');
    for (const stage of ['1.1', '1.2', '2', '3', '4', '5']) {
      bench.enter(timed, stage);
      bench.pass(10 * minute);
    }
    bench.exit(timed);
    for (let started = 0; started < 2; started += 1) {
      bench.enter(bench.startOne('a'), '1');
      bench.pass(minute);
    }
    const etas = [1, 2].map((slot) => bench.slotView(slot, 'a').eta);
    expect(etas).not.toContain(null);
    expect(view(bench).last_end_at).toBe(etas.toSorted().at(-1));
    const before = { last_end_at: null, workers: 2 };
    expect(farmView(bench.state, bench.world(), around, before).last_end_at).toBe(null);
    expect(farmView(bench.state, bench.world(), around, { ...before, workers: 1 }).last_end_at).not.toBe(
      null,
    );
    bench.command({ type: 'pause_worker', job: 'a', slot: 1, paused: true });
    expect(view(bench).last_end_at).toBe(null);
  });

  it('names what somebody should look after', () => {
    const bench = new Bench(JOBS);
    const worker = bench.startOne('b');
    bench.farm.disks.set('/dest', { problem: 'missing' });
    bench.start('a');
    bench.log(worker, { type: 'error', message: 'disk full', waits: true });
    expect(view(bench, 'failing').problems).toEqual([
      expect.stringMatching(/^the state can't be written/),
      expect.stringMatching(/^job 'a' is blocked \(missing_directory\): (?!job ).*\/dest/),
      expect.stringMatching(/^worker 1 of job 'b' waits: .*disk full/),
    ]);
  });
});
