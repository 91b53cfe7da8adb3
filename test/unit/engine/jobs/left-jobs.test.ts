import { describe, expect, it } from 'vitest';
import type { HistoryLine } from '../../../../src/engine/model/history-line.ts';
import { Bench, hour, second } from '../bench.ts';

const DAY = 24 * hour;
const JOB = { max_workers: 2, max_failures: 0 };
const COUNTED = { plots_done: 1, plots_failed: 1, failures: 1, plots_per_day: 1 };
const ANEW = { plots_done: 0, plots_failed: 0, failures: 0, plots_per_day: 0, last_plot: null };

/** A job that has made a plot and lost one, and has left config.yaml since. */
function left(): Bench {
  const bench = new Bench({ nightly: JOB, other: {} });
  bench.exit(bench.startOne());
  bench.exit(bench.startOne(), 1);
  expect(bench.jobView()).toMatchObject(COUNTED);
  bench.hold('history');
  bench.configure({ other: {} });
  expect(bench.state.jobs.has('nightly')).toBe(false);
  return bench;
}

function resets(bench: Bench): HistoryLine[] {
  return [...bench.state.history.values()].filter(({ result }) => result === 'reset');
}

describe('a job that left config.yaml', () => {
  it.each<[string, number, boolean, object]>([
    ['at once', 0, false, COUNTED],
    ['over a restart', 0, true, COUNTED],
    ['within 30 days', 30 * DAY, false, { ...COUNTED, plots_per_day: 0 }],
    ['within 30 days, over a restart', 30 * DAY, true, { ...COUNTED, plots_per_day: 0 }],
    ['later', 30 * DAY + 1, false, ANEW],
    ['later, over a restart', 30 * DAY + 1, true, ANEW],
  ])('comes back %s', (_, away, restarted, shown) => {
    const bench = left();
    bench.pass(away);
    if (restarted) bench.restart();
    bench.configure({ nightly: JOB, other: {} });
    expect(bench.jobView()).toMatchObject(shown);
    expect(bench.state.left.size).toBe(0);
  });

  it('knows what its plots have taken of energy', () => {
    const energy = { power_topic: 'rig/power', idle_watts: 100, price: 0.5 };
    const bench = new Bench({ nightly: JOB }, { settings: { energy } });
    const worker = bench.startOne();
    // 36 kW above idle: a kilowatt hour in 100 seconds.
    bench.feed({ type: 'power', watts: 36_100 });
    bench.pass(100 * second);
    bench.exit(worker);
    const taken = { last_plot_kwh: 1, average_plot_kwh: 1, last_plot_cost: 0.5, average_plot_cost: 0.5 };
    expect(bench.jobView()).toMatchObject(taken);
    bench.configure({});
    bench.configure({ nightly: JOB });
    expect(bench.jobView()).toMatchObject(taken);
  });

  it('is no reset in the history until it is forgotten', () => {
    const bench = left();
    expect(resets(bench)).toEqual([]);
    bench.configure({ nightly: JOB, other: {} });
    bench.configure({ other: {} });
    expect(resets(bench)).toEqual([]);
    bench.pass(31 * DAY);
    bench.configure({ other: {} });
    expect(resets(bench).map(({ job }) => job)).toEqual(['nightly']);
  });

  it('is another one when it is made over MQTT', () => {
    const bench = left();
    const { definition } = bench.job('other');
    bench.command({ type: 'create_job', job: 'nightly', definition });
    expect(bench.jobView()).toMatchObject(ANEW);
    expect(resets(bench)).toHaveLength(1);
    bench.configure({ nightly: JOB, other: {} });
    expect(bench.jobView()).toMatchObject(ANEW);
  });

  it('leaves nothing where it has done nothing', () => {
    const bench = new Bench({ nightly: {} });
    bench.configure({});
    expect(bench.state.left.size).toBe(0);
  });
});

it('a job made over MQTT that is deleted leaves no counters', () => {
  const bench = new Bench({});
  bench.command({ type: 'create_job', job: 'mine', definition: new Bench().job().definition });
  bench.exit(bench.startOne('mine'));
  bench.command({ type: 'delete_job', job: 'mine', dismiss: false });
  expect(bench.state.left.size).toBe(0);
});
