import { describe, expect, it } from 'vitest';
import {
  agreeOnPauses,
  forgetOwed,
  forgetWorker,
  mendCounts,
  mendEnergy,
  mendSequences,
  mendJobs,
  reindex,
} from '../../../../src/engine/mending/mend.ts';
import { recall } from '../../../../src/engine/mending/recall.ts';
import { NOTHING_COUNTED, recount } from '../../../../src/engine/mending/recount.ts';
import { revive, type Traces } from '../../../../src/engine/mending/revive.ts';
import { withOwnPause } from '../../../../src/engine/jobs/holds.ts';
import { runIn } from '../../../../src/engine/model/state.ts';
import { Replay } from '../../../../src/engine/model/replay.ts';
import { fromSnapshot, toSnapshot } from '../../../../src/engine/model/snapshot.ts';
import type { CountedLine } from '../../../../src/storage/history.ts';
import { Bench } from '../bench.ts';
import { jobOf, smallPlotter } from '../plotter.ts';

const copyOf = (bench: Bench) => fromSnapshot(JSON.parse(bench.snapshotNow()));
const nothing: Traces = {
  present: true,
  begun: { pre: null, plotter: null, post: null },
  plotter_ended_at: null,
  log: recall(smallPlotter(), []),
  log_bytes: 0,
  plot_exists: false,
};

describe('entries', () => {
  it.each([
    ['no object', 17],
    ['without changes', { e: [] }],
    ['a change that is none', { c: [['job']], e: [] }],
    ['a job that is none', { c: [['job', 'nightly', { plots_done: 'many' }]], e: [] }],
    ['keys of a job that are none', { c: [['job_keys', 'nightly', { plots_done: 'many' }]], e: [] }],
    ['a run that is none', { c: [['run', 'w', { id: 'w', slot: 'first' }]], e: [] }],
    ['a worker that is none', { c: [['worker', 'w', { id: 'w', step: 'dancing' }]], e: [] }],
    ['counts that are none', { c: [['meta', { plots_done: null }]], e: [] }],
    ['an event that is none', { c: [], e: [{ seq: 1 }] }],
  ])('%s: passed over, never thrown', (_, entry) => {
    const bench = new Bench();
    const replay = new Replay(copyOf(bench));
    replay.take(entry);
    expect(replay.skipped).toBe(1);
    expect(JSON.stringify(toSnapshot(replay.state))).toBe(bench.snapshotNow());
  });

  it('later patches say what is left of a job whose first record is lost', () => {
    const replay = new Replay(copyOf(new Bench()));
    replay.take({ c: [['job_keys', 'lost', { plots_done: 3 }]], e: [] });
    replay.take({ c: [['job_keys', 'lost', { leaving: true }]], e: [] });
    replay.take({ c: [['job_keys', 'nowhere', { failures: 1 }]], e: [] });
    expect(replay.skipped).toBe(0);
    expect(mendJobs(replay.state, replay.orphans, new Map([['lost', jobOf()]]))).toEqual(['nowhere']);
    expect(replay.state.jobs.get('lost')).toMatchObject({ owner: 'file', plots_done: 3, leaving: true });
  });

  it('what only grows never falls, and no number of an event is kept twice', () => {
    const bench = new Bench();
    const replay = new Replay(copyOf(bench));
    const { seq, unacked } = replay.state;
    replay.take({ c: [['meta', { plots_done: 9, acked: 0 }]], e: [] });
    replay.take({ c: [['meta', { plots_done: 4 }]], e: bench.events });
    expect(replay.state).toMatchObject({ plots_done: 9, seq });
    expect(replay.state.unacked).toHaveLength(unacked.length);
  });
});

describe('counts', () => {
  const line = (over: Partial<CountedLine>): CountedLine => ({
    worker: 'w',
    job: 'nightly',
    result: 'done',
    plot: '/a.plot',
    ended_at: '2026-11-23T09:00:00.000Z',
    ...over,
  });

  it('go on from what was known, over resets, each worker once, moves never', () => {
    const lines = [
      line({ worker: 'a' }),
      line({ worker: 'a' }),
      line({ worker: 'b', result: 'moved' }),
      line({ worker: null, result: 'reset', plot: null }),
      line({ worker: 'c', result: 'dismissed' }),
      line({ worker: 'd', result: 'failed', plot: null }),
    ];
    const { plots_done, jobs, ended } = recount(
      { plots_done: 10, jobs: new Map([['nightly', { plots: 7, failed: 3 }]]) },
      lines,
    );
    expect([plots_done, [...ended]]).toEqual([12, ['a', 'c', 'd']]);
    expect(jobs.get('nightly')).toEqual({ plots: 1, failed: 1 });
  });

  it('are lifted, never lowered; a job of config.yaml comes back with its plots', () => {
    const { state } = new Bench({ nightly: {}, other: {} });
    state.plots_done = 1;
    state.jobs.delete('other');
    const nightly = state.jobs.get('nightly');
    if (nightly) nightly.plots_done = 5;
    const counted = recount(NOTHING_COUNTED, [line({}), line({ worker: 'x', job: 'other' })]);
    expect(mendCounts(state, counted, new Map([['other', jobOf()]]))).toHaveLength(2);
    expect(state.plots_done).toBe(2);
    expect(state.jobs.get('nightly')?.plots_done).toBe(5);
    expect(state.jobs.get('other')).toMatchObject({ plots_done: 1, last_plot: '/a.plot' });
  });

  it('of failed plots are lifted too, also of a job that left config.yaml', () => {
    const bench = new Bench({ nightly: {}, other: { max_failures: 0 } });
    bench.exit(bench.startOne('other'), 1);
    bench.configure({ nightly: {} });
    const failed = { result: 'failed', plot: null };
    const lines = ['a', 'b', 'c'].flatMap((worker) => [
      line({ worker, ...failed }),
      line({ worker: `other ${worker}`, job: 'other', ...failed }),
    ]);
    expect(mendCounts(bench.state, recount(NOTHING_COUNTED, lines), new Map())).toHaveLength(2);
    expect(bench.job().plots_failed).toBe(3);
    expect(bench.state.left.get('other')?.plots_failed).toBe(3);
  });
});

describe('the sum of energy', () => {
  const line = (worker: string | null, energy_kwh: number | null, cost: number | null): CountedLine => ({
    ...{ worker, job: 'nightly', result: worker === null ? 'reset' : 'failed', plot: null },
    ...{ ended_at: '2026-11-23T09:00:00.000Z', energy_kwh, cost },
  });

  it('is lifted to what ended and live workers took, each once, and never lowered', () => {
    const bench = new Bench();
    const live = bench.startOne();
    Object.assign(live, { energy_kwh: 0.5, cost: null });
    const lines = [
      ...[line('a', 1, 0.25), line('a', 1, 0.25), line('b', 2, null), line(null, 9, 9)],
      line(live.id, 0.75, null),
    ];
    const old = { ...line('c', null, null), energy_kwh: undefined, cost: undefined };
    expect(mendEnergy(bench.state, [...lines.slice(0, 4), JSON.parse(JSON.stringify(old))])).toEqual([
      'energy: 3.50 kWh, not 0.00',
    ]);
    expect(bench.state.energy).toEqual({ energy_kwh: 3.5, cost: 0.25 });
    expect(mendEnergy(bench.state, lines)).toHaveLength(1);
    expect(bench.state.energy).toEqual({ energy_kwh: 3.75, cost: 0.25 });
    expect(mendEnergy(bench.state, lines.slice(0, 1))).toEqual([]);
    expect(bench.state.energy).toEqual({ energy_kwh: 3.75, cost: 0.25 });
  });

  it('never falls, whatever records say', () => {
    const replay = new Replay(copyOf(new Bench()));
    replay.take({ c: [['meta', { energy: { energy_kwh: 3, cost: null } }]], e: [] });
    replay.take({ c: [['meta', { energy: { energy_kwh: 2, cost: 1 } }]], e: [] });
    expect(replay.state.energy).toEqual({ energy_kwh: 3, cost: 1 });
  });
});

describe('numbers that workers of a plotter have taken', () => {
  const line = (worker: string, plotter: string, result = 'done'): CountedLine => ({
    ...{ worker, job: 'nightly', plotter, result, plot: null, ended_at: '2026-11-23T09:00:00.000Z' },
  });

  it('are lifted to how many there were, each once, and never lowered', () => {
    const bench = new Bench();
    const live = bench.startOne();
    const lines = [
      line('a', 'small'),
      line('a', 'small', 'moved'),
      line('b', 'small', 'failed'),
      line('c', 'other'),
    ];
    mendSequences(bench.state, [...lines, line(live.id, 'small')], ['small']);
    expect(bench.state.sequences).toEqual({ small: 3 });
    mendSequences(bench.state, lines.slice(0, 1), ['small', 'other']);
    expect(bench.state.sequences).toEqual({ small: 3 });
  });

  it('never fall, whatever records say', () => {
    const replay = new Replay(copyOf(new Bench()));
    replay.take({ c: [['meta', { sequences: { a: 3, b: 1 } }]], e: [] });
    replay.take({ c: [['meta', { sequences: { a: 2, b: 4 } }]], e: [] });
    expect(replay.state.sequences).toEqual({ a: 3, b: 4 });
  });
});

describe('a worker whose records are lost', () => {
  it('goes to the furthest process that was begun, and has its plot where a post-command was', () => {
    const bench = new Bench({ nightly: { post_command: 'true' } });
    const worker = bench.startOne();
    bench.run(worker).process = null;
    const log = { ...nothing.log, plot_name: 'plot-1' };
    const begun = { pre: null, plotter: bench.now, post: bench.now + 60_000 };
    revive(bench.state, worker, { ...nothing, log, begun, plotter_ended_at: bench.now + 60_000 }, false);
    expect(worker).toMatchObject({
      step: 'post',
      post: null,
      plot: '/dest/plot-1.plot',
      plot_duration_s: 60,
    });
  });

  it('tells nothing of its log again where nobody knows how far it was heard', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    const begun = { ...nothing.begun, plotter: bench.now };
    revive(bench.state, worker, { ...nothing, begun, log_bytes: 99, log: { ...nothing.log, leaf: 2 } }, true);
    expect(worker).toMatchObject({ leaf: 2, step: 'plotter' });
    expect(bench.run(worker).log_offset).toBe(99);
  });

  it('without a directory has ended, and is not begun again', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    bench.run(worker).process = null;
    revive(bench.state, worker, { ...nothing, present: false }, false);
    expect(worker).toMatchObject({ step: 'cleanup', plot: null });
    expect(bench.run(worker).dismissed).toBe(true);
  });

  it('has ended where a newer one has its slot; the slot stays that one’s', () => {
    const bench = new Bench({ nightly: { max_workers: 2 } });
    const [older, newer] = bench.start('nightly', 2).map((worker) => bench.run(worker));
    if (!older || !newer) throw new Error('two runs');
    Object.assign(newer, { slot: 1, started_at: older.started_at + 1 });
    expect(reindex(bench.state)).toEqual([older]);
    expect(runIn(bench.state, 'nightly', 1)).toBe(newer);
    forgetWorker(bench.state, older.id);
    expect(runIn(bench.state, 'nightly', 1)).toBe(newer);
  });
});

it('a worker that is held back was paused, if not by itself then by its job; and the other way round', () => {
  const bench = new Bench({ nightly: {}, other: { arguments: { dest_dir: '/other' } } });
  const held = bench.startOne();
  const running = bench.startOne('other');
  bench.run(held).suspended = true;
  Object.assign(bench.job('other'), { holds: withOwnPause({}, true, bench.now) });
  agreeOnPauses(bench.state, { now: bench.now, steady: bench.now });
  expect(bench.jobView('nightly').paused).toBe(true);
  expect(bench.run(running)).toMatchObject({ suspended: true, suspended_at: bench.now });
});

it('what may have happened doesn’t happen again: starts on their way, delays that were over', () => {
  const bench = new Bench();
  const about = { job: null, slot: null, worker: null, moment: null, target: null };
  const timer = { name: 'next', due_steady: null, ...about };
  bench.state.timers.set('past', { ...timer, id: 'past', due: bench.now - 60_000 });
  bench.state.timers.set('coming', { ...timer, id: 'coming', due: bench.now + 60_000 });
  const asked = { workers: 2, cause: null };
  Object.assign(bench.job(), {
    wanted: 2,
    pending: 1,
    asked: [
      { ...asked, since: 1 },
      { ...asked, since: 2, workers: 1 },
    ],
  });
  expect(forgetOwed(bench.state, bench.now)).toEqual({ starts: 2, timers: 1 });
  expect([...bench.state.timers.keys()]).toEqual(['coming']);
  expect(bench.job()).toMatchObject({ wanted: 0, pending: 1, asked: [{ since: 2, workers: 1 }] });
});

it('a reset and the end of a job are lines of the history', () => {
  const bench = new Bench({ nightly: {} });
  bench.exit(bench.startOne());
  bench.hold('history');
  bench.command({ type: 'reset', job: 'nightly' });
  const [line] = [...bench.state.history.values()];
  expect(line).toMatchObject({ worker: null, job: 'nightly', result: 'reset', plot: null });
  bench.release('history');
  expect(bench.state.history.size).toBe(0);
});

it('no event of another start of the program has the id of an earlier one, whatever its number', () => {
  const [one, other] = [new Bench(), new Bench()];
  Object.assign(other.surroundings, { start: 'later' });
  one.command({ type: 'fire', name: 'a' });
  other.command({ type: 'fire', name: 'a' });
  const [first, second] = [one.events.at(-1), other.events.at(-1)];
  expect(first?.seq).toBe(second?.seq);
  expect(first?.id).toBe(`bench-start-${first?.seq}`);
  expect(second?.id).toBe(`bench-later-${first?.seq}`);
});
