import { describe, expect, it } from 'vitest';
import { waitsSince } from '../../../../src/engine/starting/ages.ts';
import { Bench, second } from '../bench.ts';
import { jobOf } from '../plotter.ts';

const GO = { max_workers: 9, starts: [{ on: 'go', workers: 2 }] };

/** A paused job on which a named event was fired several times. */
function waiting(times: number): Bench {
  const bench = new Bench({ nightly: GO });
  bench.set({ paused: true });
  for (let time = 0; time < times; time += 1) {
    bench.pass(second);
    bench.command({ type: 'fire', name: 'go' });
  }
  return bench;
}

describe('what waits', () => {
  it('keeps its age: the oldest start first, the youngest are cut off first', () => {
    const bench = waiting(3);
    const since = bench.job().asked.map((each) => each.since);
    expect(since).toEqual(since.toSorted((a, b) => a - b));
    bench.set({ max_workers: 5 });
    expect(bench.job().asked).toMatchObject([
      { since: since[0], workers: 2 },
      { since: since[1], workers: 2 },
      { since: since[2], workers: 1 },
    ]);
    bench.farm.disks.set('/dest', { device: 'farm', free_bytes: 350 });
    bench.set({ paused: false });
    expect(bench.workers()).toHaveLength(3);
    expect(bench.job().pending).toBe(2);
    expect(bench.job().asked).toMatchObject([
      { since: since[1], workers: 1 },
      { since: since[2], workers: 1 },
    ]);
    expect(waitsSince(bench.job())).toBe(since[1]);
  });

  it('is as old after a restart', () => {
    const bench = waiting(2);
    const { asked } = bench.job();
    bench.restart();
    expect(bench.job().asked).toEqual(asked);
  });

  it('of an older version, without an age, goes first', () => {
    const bench = waiting(1);
    Object.assign(bench.job(), { pending: 3, asked: [] });
    bench.pass(second);
    bench.command({ type: 'fire', name: 'go' });
    expect(waitsSince(bench.job())).toBe(0);
    bench.set({ paused: false });
    expect(bench.workers()).toHaveLength(5);
    expect(bench.job()).toMatchObject({ pending: 0, wanted: 0, asked: [] });
  });

  it('is told apart by its age up to a bound', () => {
    const bench = new Bench({ nightly: { ...GO, max_workers: 1000 } });
    bench.set({ paused: true });
    for (let time = 0; time < 150; time += 1) bench.command({ type: 'fire', name: 'go' });
    expect(bench.job().pending).toBe(300);
    expect(bench.job().asked).toHaveLength(100);
    bench.set({ paused: false });
    expect(bench.workers()).toHaveLength(300);
  });
});

it('settings that were read anew are shown of every job', () => {
  const bench = new Bench({ one: {}, two: {} });
  const jobs = new Map([...bench.state.jobs.keys()].map((id) => [id, jobOf({})]));
  const { touched } = bench.feed({ type: 'configured', jobs, settings: { ...bench.settings, defaults: {} } });
  expect([...touched.jobs].toSorted()).toEqual(['one', 'two']);
  expect(bench.jobView('two').waiting_for).toBe('missing_argument');
});
