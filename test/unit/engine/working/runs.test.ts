import { describe, expect, it } from 'vitest';
import { newestOf, workersOf } from '../../../../src/engine/model/state.ts';
import type { WorkerState } from '../../../../src/engine/model/worker-state.ts';
import { Bench } from '../bench.ts';

const ID = 'nightly-20261123T100000-second';

/** A run whose process has begun a second plot, while the first one is on its way. */
function twoPlots(job: Record<string, unknown> = {}): {
  bench: Bench;
  first: WorkerState;
  second: WorkerState;
} {
  const bench = new Bench({ nightly: { max_workers: 2, post_command: 'post', ...job } });
  const first = bench.startOne();
  bench.enter(first, '5');
  bench.state.workers.set(ID, {
    ...first,
    id: ID,
    nth: 2,
    leaf: -1,
    leaf_ms: [],
    percent: 0,
    told_percent: 0,
  });
  bench.compact();
  bench.crash();
  bench.comeUp();
  const [one, two] = workersOf(bench.state, first.run);
  if (!one || !two) throw new Error('two workers');
  return { bench, first: one, second: two };
}

describe('a run with two plots in the making', () => {
  it('is one run, asked for once after a restart; its slot shows the newest plot', () => {
    const { bench, first, second } = twoPlots();
    expect(bench.jobView().workers).toBe(1);
    expect(newestOf(bench.state, first.run)).toBe(second);
    expect(bench.slotView()).toMatchObject({ worker: ID, run: first.id, pid: bench.run(first).process?.pid });
    expect(bench.asked.filter(({ type }) => type === 'run')).toHaveLength(2);
  });

  it('hears its log for the newest', () => {
    const { bench, first, second } = twoPlots();
    const leaf = first.leaf;
    bench.enter(second, '2');
    expect([first.leaf, second.leaf > -1]).toEqual([leaf, true]);
  });

  it('is paused as a whole, and each of its workers tells it', () => {
    const { bench, first } = twoPlots();
    const mark = bench.mark();
    bench.command({ type: 'pause_worker', job: 'nightly', slot: 1, paused: true });
    expect(bench.told(mark)).toEqual(['worker_paused', 'worker_paused']);
    expect(bench.asked.filter(({ type }) => type === 'suspend')).toEqual([
      { type: 'suspend', run: first.run },
    ]);
    bench.command({ type: 'pause_worker', job: 'nightly', slot: 1, paused: false });
    expect(bench.asked.filter(({ type }) => type === 'resume').at(-1)).toEqual({
      type: 'resume',
      run: first.run,
    });
  });

  it('ends with its last worker: the slot is free then, and only then its directories go', () => {
    const { bench, first, second } = twoPlots();
    const { run } = first;
    Object.assign(first, { step: 'cleanup' });
    bench.feed({ type: 'cleaned', worker: first.id, problem: null });
    expect(bench.of('worker_end').map(({ worker }) => worker)).toEqual([first.id]);
    expect(bench.state.runs.has(run)).toBe(true);
    expect(bench.startOne().slot).toBe(2);
    bench.exit({ id: run });
    const ending = bench.asked.filter((effect) => effect.type === 'cleanup' && effect.run === run);
    expect(bench.farm.running(second.id)?.kind).toBe('post');
    expect(ending).toEqual([]);
    bench.exit(second);
    expect(bench.state.runs.has(run)).toBe(false);
    expect(bench.asked.findLast(({ type }) => type === 'cleanup')).toMatchObject({ last: true });
  });

  it('keeps its directories while another plot needs them', () => {
    const { bench, first, second } = twoPlots();
    bench.hold('cleanup');
    bench.feed({
      type: 'exited',
      owner: first.run,
      kind: 'plotter',
      exit: ended(bench),
      plot: null,
      tail: [],
    });
    const asked = bench.farm.outstanding.filter(({ type }) => type === 'cleanup');
    expect(asked).toMatchObject([
      { worker: first.id, last: false, temp_dirs: [] },
      { worker: second.id, last: true, temp_dirs: [`/tmp1/plot2mqtt-${first.run}`] },
    ]);
  });

  it('is dismissed with all its workers, and answered when the last has ended', () => {
    const { bench } = twoPlots();
    const ticket = bench.send({ type: 'dismiss_worker', job: 'nightly', slot: 1 });
    expect(bench.of('worker_dismissed')).toHaveLength(2);
    expect(bench.answers.get(ticket)).toMatchObject({ status: 'ok' });
    expect(bench.state.runs.size).toBe(0);
  });
});

function ended(bench: Bench) {
  return { code: 1, lost: false, ended_at: bench.now };
}

it('a post-command without end is stopped by itself: its run goes on', () => {
  const { bench, first, second } = twoPlots();
  Object.assign(first, { step: 'post', post: { pid: 7, at: bench.now, stopped_for: null } });
  bench.feedOnly({ type: 'overflowed', owner: first.id, kind: 'post', bytes: 2 ** 31 });
  expect(bench.run(second).stopped_for).toBe(null);
  expect(bench.farm.outstanding).toMatchObject([{ type: 'terminate', owner: first.id, kind: 'post' }]);
});
