import { describe, expect, it } from 'vitest';
import { farmView } from '../../../../src/engine/views/farm-view.ts';
import type { JobInput } from '../plotter.ts';
import type { Signal } from '../../../../src/plotters/signal.ts';
import { Bench, hour, minute, second } from '../bench.ts';

const KEY = 'small 32 /tmp1';
const NO_ROOM = { free_bytes: null, total_bytes: null, full_at: null };
const STALLED = { stall_timeout: 3600 } as const;
const BOUND = { ...STALLED, events: [{ fire: 'help', on: 'worker_stalled' }] } satisfies JobInput;

/** A worker whose log and files are silent from now on. */
function silent(job: JobInput = BOUND) {
  const bench = new Bench({ nightly: job });
  const worker = bench.startOne();
  bench.enter(worker, '1.1');
  bench.farm.quiet.add(worker.id);
  return { bench, worker };
}

/** What was told of stalls, each with the seconds of silence. */
const told = (bench: Bench) =>
  bench.events.flatMap((event) => {
    if (event.type === 'worker_stalled') return [`stalled ${event.silence_s}`];
    return event.type === 'worker_unstalled' ? ['unstalled'] : [];
  });

describe('a worker that is silent', () => {
  it('is stalled after stall_timeout, once, and says so wherever somebody looks', () => {
    const { bench } = silent();
    bench.pass(hour - 1);
    expect(told(bench)).toEqual([]);
    expect(bench.slotView()).toMatchObject({ stalled: false, error: null });
    bench.pass(1);
    expect(told(bench)).toEqual(['stalled 3600']);
    expect(bench.fired()).toEqual(['help']);
    bench.pass(100 * hour);
    expect(told(bench)).toEqual(['stalled 3600']);
    expect(bench.slotView()).toMatchObject({
      ...{ status: 'plotting', stalled: true, waits: false },
      error: 'stalled: neither its log nor its files have grown for 1 h',
    });
    const around = { today: '2026-11-23', storage: 'ok', disks: [], room: NO_ROOM } as const;
    expect(farmView(bench.state, bench.world(), around).problems).toEqual([
      "worker 1 of job 'nightly' is stalled: neither its log nor its files have grown for 1 h",
    ]);
  });

  it.each([
    ['its log goes on', 'log'],
    ['its files grow', 'files'],
  ])('is stalled no more when %s, and may be again', (_name, what) => {
    const { bench, worker } = silent();
    bench.pass(2 * hour);
    if (what === 'log') bench.enter(worker, '1.2');
    else {
      bench.farm.quiet.delete(worker.id);
      bench.pass(5 * minute);
      bench.farm.quiet.add(worker.id);
    }
    expect(told(bench)).toEqual(['stalled 3600', 'unstalled']);
    expect(bench.slotView()).toMatchObject({ stalled: false, error: null });
    bench.pass(2 * hour);
    expect(told(bench).map((each) => each.split(' ')[0])).toEqual(['stalled', 'unstalled', 'stalled']);
    expect(bench.fired()).toEqual(['help', 'help']);
  });

  it.each([
    [
      'a line of its log comes',
      (bench: Bench, id: string) => bench.log({ id }, { type: 'plot_id', id: 'x' }),
    ],
    ['its files grow', (bench: Bench, id: string) => bench.farm.quiet.delete(id)],
  ])('is not stalled as long as now and then %s', (_name, grow) => {
    const { bench, worker } = silent();
    for (let times = 0; times < 10; times += 1) {
      bench.pass(50 * minute);
      grow(bench, worker.id);
      bench.pass(5 * minute);
      bench.farm.quiet.add(worker.id);
    }
    expect(told(bench)).toEqual([]);
  });

  it('never is with a stall_timeout of 0', () => {
    const { bench } = silent({ stall_timeout: 0, on_stall: 'dismiss' });
    bench.pass(10_000 * hour);
    expect(told(bench)).toEqual([]);
  });

  it('is stalled also where its disks do not answer', () => {
    const { bench, worker } = silent();
    bench.farm.unanswered.add(worker.id);
    bench.pass(hour);
    expect(told(bench)).toEqual(['stalled 3600']);
  });

  it('is not stalled before its files were looked at twice', () => {
    const { bench, worker } = silent();
    bench.hold('look_at_growth');
    bench.pass(2 * hour);
    bench.farm.quiet.delete(worker.id);
    bench.release('look_at_growth');
    expect(told(bench)).toEqual([]);
    bench.pass(5 * minute);
    expect(told(bench)).toEqual([]);
  });

  it('has its files looked at only after five minutes, however long its log goes on', () => {
    const { bench, worker } = silent();
    for (let times = 0; times < 100; times += 1) {
      bench.pass(4 * minute);
      bench.log(worker, { type: 'inside', stage: '1.1', fraction: times / 100 });
    }
    const looks = () => bench.asked.filter(({ type }) => type === 'look_at_growth').length;
    expect(looks()).toBe(0);
    bench.pass(30 * minute);
    expect(looks()).toBe(6);
  });
});

describe('time that does not count', () => {
  it('is that in which the host sleeps', () => {
    const { bench } = silent();
    bench.pass(30 * minute);
    bench.slept += 100 * hour;
    bench.now += 100 * hour;
    bench.pass(30 * minute - 1);
    expect(told(bench)).toEqual([]);
    bench.pass(1);
    expect(told(bench)).toEqual(['stalled 3600']);
  });

  it('is that in which the clock was set ahead', () => {
    const { bench } = silent();
    bench.pass(30 * minute);
    bench.ahead -= 100 * hour;
    bench.now += 100 * hour;
    bench.pass(20 * minute);
    expect(told(bench)).toEqual([]);
  });

  it('is that in which the daemon was away', () => {
    const { bench } = silent();
    bench.pass(30 * minute);
    bench.crash();
    bench.now += 100 * hour;
    bench.comeUp();
    bench.pass(30 * minute - 1);
    expect(told(bench)).toEqual([]);
    bench.pass(1);
    expect(told(bench)).toEqual(['stalled 3600']);
  });

  it.each([
    ['its job', (bench: Bench, paused: boolean) => bench.set({ paused })],
    [
      'itself',
      (bench: Bench, paused: boolean) =>
        bench.command({ type: 'pause_worker', job: 'nightly', slot: 1, paused }),
    ],
  ])('is that of a pause of %s', (_name, pause) => {
    const { bench } = silent();
    bench.pass(30 * minute);
    pause(bench, true);
    bench.pass(100 * hour);
    pause(bench, false);
    bench.pass(30 * minute - 1);
    expect(told(bench)).toEqual([]);
    bench.pass(1);
    expect(told(bench)).toEqual(['stalled 3600']);
  });

  it('a stalled worker that is paused is stalled no more, and when it goes on its silence begins anew', () => {
    const { bench } = silent();
    bench.pass(hour);
    bench.set({ paused: true });
    expect(told(bench)).toEqual(['stalled 3600', 'unstalled']);
    expect(bench.slotView()).toMatchObject({ status: 'paused', stalled: false, error: null });
    bench.pass(10 * hour);
    bench.set({ paused: false });
    bench.pass(hour - 1);
    expect(told(bench)).toHaveLength(2);
    bench.pass(1);
    expect(told(bench)).toEqual(['stalled 3600', 'unstalled', 'stalled 3600']);
  });

  it('is that of pre- and post-commands, which may take as long as they like', () => {
    const bench = new Bench({ nightly: { ...STALLED, pre_command: 'pre', post_command: 'post' } });
    const worker = bench.startOne();
    bench.farm.quiet.add(worker.id);
    bench.pass(10 * hour);
    bench.exit(worker, 0, { kind: 'pre' });
    bench.exit(worker, 0, { kind: 'plotter' });
    bench.pass(10 * hour);
    expect(told(bench)).toEqual([]);
  });
});

describe('a restart', () => {
  it('leaves a stalled worker stalled, and tells nothing anew', () => {
    const { bench, worker } = silent();
    bench.pass(2 * hour);
    bench.restart();
    bench.pass(2 * hour);
    expect(bench.slotView()).toMatchObject({ stalled: true });
    expect(told(bench)).toEqual(['stalled 3600']);
    bench.enter(worker, '2');
    bench.restart();
    expect(bench.slotView()).toMatchObject({ stalled: false, error: null });
    expect(told(bench)).toEqual(['stalled 3600', 'unstalled']);
  });

  it('forgets nothing of what grew while the daemon was away', () => {
    const { bench, worker } = silent();
    bench.pass(50 * minute);
    bench.farm.quiet.delete(worker.id);
    bench.restart();
    bench.pass(5 * minute);
    bench.farm.quiet.add(worker.id);
    bench.pass(50 * minute);
    expect(told(bench)).toEqual([]);
  });
});

describe('on_stall: dismiss', () => {
  const DISMISS = { ...STALLED, on_stall: 'dismiss' } as const;
  const error = 'the plotter was stopped: neither its log nor its files have grown for 1 h';

  it('stops the plotter, which is one failure that says for how long it was silent', () => {
    const { bench, worker } = silent(DISMISS);
    bench.pass(hour);
    expect(told(bench)).toEqual(['stalled 3600']);
    expect(bench.of('worker_failed')).toMatchObject([{ worker: worker.id, error }]);
    expect(bench.of('worker_end')).toMatchObject([{ result: 'failed', plot: null, error }]);
    expect(bench.jobView()).toMatchObject({ failures: 1, plots_failed: 1, last_error: error });
    expect(bench.slotView()).toMatchObject({ status: 'failed', stalled: false, error });
  });

  it('also stops one that was stalled before, when its job is changed to that', () => {
    const { bench } = silent();
    bench.pass(2 * hour);
    bench.configure({ nightly: DISMISS });
    bench.pass(5 * minute);
    expect(told(bench)).toEqual(['stalled 3600']);
    expect(bench.jobView()).toMatchObject({ failures: 1 });
  });

  it('stops it again where the daemon died before that was done', () => {
    const { bench } = silent(DISMISS);
    bench.hold('terminate');
    bench.pass(hour);
    expect(bench.jobView()).toMatchObject({ failures: 0 });
    bench.farm.held.clear();
    bench.restart();
    expect(told(bench)).toEqual(['stalled 3600']);
    expect(bench.jobView()).toMatchObject({ failures: 1, last_error: error });
  });

  it('is not told to go on by what it says while it is stopped', () => {
    const { bench, worker } = silent(DISMISS);
    bench.hold('terminate');
    bench.pass(hour);
    bench.log(worker, { type: 'plot_id', id: 'x' });
    expect(told(bench)).toEqual(['stalled 3600']);
  });
});

describe('a run of several plots', () => {
  const SEVERAL = { ...STALLED, plotter: 'many', plots_per_run: 3 } as const;

  /** A run whose second plot has begun, while the first is still on its way. */
  function withSecond(job: JobInput) {
    const bench = new Bench({ nightly: job });
    const first = bench.startOne();
    const say = (nth: number, ...signals: Signal[]) =>
      bench.feed({ type: 'log', run: first.run, offset: bench.run(first).log_offset + 10, nth, signals });
    say(1, { type: 'begin' }, { type: 'plot_name', name: 'plot-1' });
    say(2, { type: 'begin' }, { type: 'plot_name', name: 'plot-2' });
    const newest = bench.workers().find(({ nth }) => nth === 2);
    if (!newest) throw new Error('the second plot has no worker');
    return { bench, first, newest, say };
  }

  it('has each of its workers judged by itself', () => {
    const { bench, first, newest, say } = withSecond(SEVERAL);
    bench.farm.quiet.add(first.id);
    for (let times = 0; times < 14; times += 1) {
      bench.pass(5 * minute);
      say(2, { type: 'inside', stage: '1.1', fraction: times / 20 });
    }
    expect(bench.of('worker_stalled').map(({ worker }) => worker)).toEqual([first.id]);
    bench.farm.quiet.add(newest.id);
    bench.pass(hour);
    expect(bench.of('worker_stalled').map(({ worker }) => worker)).toEqual([first.id, newest.id]);
    say(1, { type: 'inside', stage: '5', fraction: 0.5 });
    expect(bench.of('worker_unstalled').map(({ worker }) => worker)).toEqual([first.id]);
  });

  it('is stopped as a whole by on_stall: dismiss, which is one failure', () => {
    const { bench, first } = withSecond({ ...SEVERAL, on_stall: 'dismiss' });
    bench.farm.quiet.add(first.id);
    bench.pass(65 * minute);
    expect(bench.of('worker_stalled').map(({ worker }) => worker)).toEqual([first.id]);
    const why = 'the plotter was stopped: neither its log nor its files have grown for 1 h';
    expect(bench.of('worker_end').map((each) => each.error)).toEqual([why, why]);
    expect(bench.jobView()).toMatchObject({ failures: 1, plots_failed: 2 });
  });
});

describe('a change of stall_timeout', () => {
  it.each([
    ['shorter', 600, ['stalled 1800']],
    ['longer', 7200, []],
  ])('to a %s one holds for live workers', (_name, stall_timeout, expected) => {
    const { bench } = silent();
    bench.pass(30 * minute);
    bench.configure({ nightly: { stall_timeout } });
    bench.pass(150 * second);
    expect(told(bench).map((each) => each.slice(0, 9))).toEqual(expected.map((each) => each.slice(0, 9)));
    bench.pass(29 * minute);
    expect(told(bench)).toHaveLength(expected.length);
  });

  it('to a longer one, or to 0, ends a stall', () => {
    const { bench } = silent();
    bench.pass(hour);
    bench.configure({ nightly: { stall_timeout: 0 } });
    bench.pass(5 * minute);
    expect(told(bench)).toEqual(['stalled 3600', 'unstalled']);
  });
});

describe('stall_timeout: auto', () => {
  const cases: [string, Record<string, number> | undefined, number][] = [
    ['4 hours without a history', undefined, 4 * hour],
    ['30 minutes where such plots were never silent for long', {}, 30 * minute],
    ['30 minutes at least', { '1.1': 300 }, 30 * minute],
    ['three times the longest silence in this stage', { '1.1': 2000, '2': 9000 }, 6000 * second],
  ];
  it.each(cases)('is %s', (_name, silences, expected) => {
    const { bench } = silent({});
    const pace = { stages: { '1.1': 100, '2': 100 }, at: 0 };
    if (silences !== undefined) bench.state.paces.set(KEY, { ...pace, silences });
    bench.pass(expected - 1);
    expect(told(bench)).toEqual([]);
    bench.pass(1);
    expect(told(bench)).toEqual([`stalled ${expected / second}`]);
  });

  it('learns the longest silence of each stage from plots that are made, and from no others', () => {
    const { bench, worker } = silent({});
    bench.pass(20 * minute);
    bench.enter(worker, '2');
    bench.pass(9 * minute);
    bench.enter(worker, '3');
    bench.pass(60 * minute);
    bench.log(worker, { type: 'inside', stage: '3', fraction: 0.5 });
    bench.pass(15 * minute);
    bench.exit(worker);
    expect(bench.state.paces.get(KEY)?.silences).toEqual({ '1.1': 1200, '3': 3600 });
    const next = bench.startOne();
    bench.farm.quiet.add(next.id);
    bench.enter(next, '1.1');
    bench.pass(25 * minute);
    bench.enter(next, '2');
    bench.exit(next, 1);
    expect(bench.state.paces.get(KEY)?.silences).toEqual({ '1.1': 1200, '3': 3600 });
  });

  it('knows no silence from a plot during which the daemon was away, where that is the first', () => {
    const { bench, worker } = silent({});
    bench.pass(minute);
    bench.restart();
    bench.exit(worker);
    expect(bench.state.paces.get(KEY)).toBeDefined();
    expect(bench.state.paces.get(KEY)?.silences).toBeUndefined();
  });
});
