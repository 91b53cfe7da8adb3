import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ProgressCase, percentage, progressAt } from '../../../../src/engine/working/progress.ts';
import { Bench, hour, minute, second } from '../bench.ts';

const START = 1_000_000;
const WEIGHTS = [0.3, 0.2, 0.2, 0.15, 0.1, 0.05];

/** A worker, and since when its run is suspended. */
type Case = ProgressCase & { suspended_at: number | null };

function at(changes: Partial<Omit<Case, 'pace'>> & Partial<Case['pace']>): Case {
  const { weights = WEIGHTS, expected_s = null, ...rest } = changes;
  return {
    leaf: 0,
    fraction: 0,
    moved_at: START,
    floor: 0,
    plotter_started_at: START,
    pace_from: START,
    suspended_at: null,
    waiting: null,
    plot: null,
    ...rest,
    pace: { weights, expected_s },
  };
}

describe('progress', () => {
  const cases: [string, Case, number, number, number | null][] = [
    ['nothing before the plotter starts', at({ plotter_started_at: null }), 50, 0, null],
    ['nothing before the first stage', at({ leaf: -1 }), 50, 0, null],
    ['the stages that are behind', at({ leaf: 2, moved_at: START + 1000 * second }), 1000, 0.5, 2000],
    ['a part of the stage', at({ leaf: 1, fraction: 0.5, moved_at: START + 400 * second }), 400, 0.4, 1000],
    ['on with the time, at its own pace', at({ leaf: 1, moved_at: START + 300 * second }), 400, 0.4, 1000],
    ['on with the time, at the pace of this machine', at({ expected_s: 1000 }), 100, 0.1, 1000],
    ["never past the stage's end", at({ expected_s: 1000 }), 900, 0.297, 1603],
    [
      'never back behind what was shown',
      at({ leaf: 1, moved_at: START + 300 * second, floor: 0.45 }),
      300,
      0.45,
      1000,
    ],
    [
      'no further while it is suspended',
      at({ expected_s: 1000, suspended_at: START + 50 * second }),
      400,
      0.05,
      null,
    ],
    [
      'not whole without its plot',
      at({ leaf: 5, fraction: 1, moved_at: START + 1000 * second }),
      2000,
      0.999,
      null,
    ],
    ['whole with its plot', at({ plot: '/dest/x.plot' }), 5, 1, null],
  ];
  it.each(cases)('is %s', (_name, worker, seconds, share, eta) => {
    const progress = progressAt(worker, worker, START + seconds * second);
    expect(progress.share).toBeCloseTo(share, 9);
    if (eta !== null) expect(progress.eta).toBeCloseTo(START + eta * second, 0);
    else if (worker.leaf < 5) expect(progress.eta).toBe(null);
  });

  const looks: [string, Case, number, number | null][] = [
    ['at the next half percent', at({ expected_s: 1000 }), 101, 105],
    ['at a whole percent', at({ expected_s: 1000 }), 105, 110],
    ['not before time has moved it there', at({ expected_s: 1000, floor: 0.25 }), 101, 255],
    ['where time stops to move it', at({ expected_s: 1000 }), 295.5, 297],
    ['each minute where it is late', at({ expected_s: 1000 }), 400, 460],
    ['never while it is suspended', at({ expected_s: 1000, suspended_at: START }), 101, null],
  ];
  it.each(looks)('is looked at again %s', (_name, worker, seconds, next) => {
    const progress = progressAt(worker, worker, START + seconds * second);
    if (next === null) expect(progress.next).toBe(null);
    else expect(progress.next).toBeCloseTo(START + next * second, 0);
  });

  it('is shown with one decimal, never rounded up', () => {
    expect([0, 0.3, 0.9999, 0.1 + 0.2, 1].map(percentage)).toEqual([0, 30, 99.9, 30, 100]);
  });

  it('never falls, whatever the log says and whenever', () => {
    const word = fc.oneof(
      fc.record({
        say: fc.constant('enter' as const),
        stage: fc.constantFrom('1.1', '1.2', '2', '3', '4', '5'),
      }),
      fc.record({
        say: fc.constant('inside' as const),
        stage: fc.constantFrom('1.1', '1.2', '2', '3', '4', '5'),
        fraction: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({ say: fc.constant('pause' as const), paused: fc.boolean() }),
    );
    const story = fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), word), { maxLength: 30 });
    fc.assert(
      fc.property(story, fc.boolean(), (words, known) => {
        const bench = new Bench({ nightly: { plots_to_do: 2 } });
        if (known)
          bench.state.paces.set('small 32 /tmp1', { stages: { '1.1': 300, '2': 500, '4': 20 }, at: 0 });
        const worker = bench.startOne();
        let shown = 0;
        const look = () => {
          const { progress } = bench.slotView();
          expect(progress).toBeGreaterThanOrEqual(shown);
          expect(progress).toBeLessThan(100);
          shown = progress ?? 0;
        };
        for (const [seconds, said] of words) {
          bench.pass(seconds * second);
          look();
          if (said.say === 'enter') bench.enter(worker, said.stage);
          else if (said.say === 'pause') bench.set({ paused: said.paused });
          else bench.log(worker, { type: 'inside', stage: said.stage, fraction: said.fraction });
          look();
        }
        bench.set({ paused: false });
        bench.exit(worker);
        const percents = bench.of('progress').map(({ percent }) => percent);
        expect(percents).toEqual([...new Set(percents)].sort((a, b) => a - b));
        expect(percents.at(-1)).toBe(100);
      }),
      { numRuns: 60 },
    );
  });
});

describe('progress of the engine', () => {
  it('is told by time alone while the log is silent', () => {
    const bench = new Bench();
    bench.state.paces.set('small 32 /tmp1', {
      stages: { '1.1': 30, '1.2': 20, '2': 20, '3': 15, '4': 10, '5': 5 },
      at: 0,
    });
    const worker = bench.startOne();
    bench.enter(worker, '1');
    bench.pass(10 * second);
    expect(bench.of('progress').at(-1)?.percent).toBe(10);
    bench.pass(hour);
    expect(bench.of('progress').at(-1)?.percent).toBe(29);
    expect(bench.slotView().stage).toBe('1.1');
  });

  it('is looked at worker by worker where several come at one moment, each with what it fires', () => {
    const bench = new Bench({
      nightly: { max_workers: 2, events: [{ fire: 'next', on: 'progress', percent: 10 }] },
    });
    bench.state.paces.set('small 32 /tmp1', { stages: { '1.1': 300, '2': 700 }, at: 0 });
    const workers = bench.start('nightly', 2);
    for (const worker of workers) bench.enter(worker, '1');
    const before = bench.events.length;
    bench.pass(100 * second);
    const seen = bench.events.slice(before);
    const last = seen.slice(-4).map(({ type, worker }) => `${type} ${worker}`);
    const [first, other] = workers.map(({ id }) => id);
    expect(last).toEqual([
      `progress ${first}`,
      `event_fired ${first}`,
      `progress ${other}`,
      `event_fired ${other}`,
    ]);
  });

  it('marks its worker as moved, and nothing else', () => {
    const bench = new Bench();
    bench.state.paces.set('small 32 /tmp1', { stages: { '1.1': 300, '2': 700 }, at: 0 });
    const worker = bench.startOne();
    bench.enter(worker, '1');
    bench.now += 3 * second;
    const { touched } = bench.feed({ type: 'wake', timers: [{ kind: 'progress', worker: worker.id }] });
    expect([...touched.moved].map(({ job, slot }) => [job, slot])).toEqual([['nightly', 1]]);
    expect([touched.jobs.size, touched.slots.size]).toEqual([0, 0]);
  });

  it.each([3_600, 14_400, 50_000, 200_000])(
    'is told within two seconds of each whole percent of %i s, though timers come a little early',
    (expected) => {
      const bench = new Bench();
      bench.state.paces.set('small 32 /tmp1', {
        stages: { '1.1': expected * 0.335, '2': expected * 0.665 },
        at: 0,
      });
      bench.enter(bench.startOne(), '1');
      const began = bench.now;
      const late: number[] = [];
      while (bench.now < began + expected * 0.34 * second) {
        const [next] = [...bench.wakes].sort(([, a], [, b]) => a.at - b.at);
        if (!next) throw new Error('nothing is to happen any more');
        const [key, { timer, at }] = next;
        bench.wakes.delete(key);
        bench.now = Math.max(bench.now, at - 1);
        bench.feed({ type: 'wake', timers: [timer] });
      }
      for (const { percent, at } of bench.of('progress'))
        late.push((Date.parse(at) - began) / 1000 - (percent * expected) / 100);
      expect(late).toHaveLength(33);
      expect(Math.min(...late)).toBeGreaterThan(-0.01);
      expect(Math.max(...late)).toBeLessThan(2);
    },
  );

  it('follows this machine once it has made such a plot, by plotter, size and directory', () => {
    const bench = new Bench();
    const first = bench.startOne();
    expect(first.pace).toMatchObject({ expected_s: null, weights: WEIGHTS });
    for (const stage of ['1.1', '1.2', '2', '3', '4', '5']) {
      bench.enter(first, stage);
      bench.now += 10 * minute;
    }
    bench.exit(first);
    const next = bench.startOne();
    expect(next.pace.expected_s).toBe(3600);
    expect(next.pace.weights.every((weight) => Math.abs(weight - 1 / 6) < 1e-9)).toBe(true);
    bench.memory.settings = {
      ...bench.settings,
      defaults: { ...bench.settings.defaults, temp_dir: '/else' },
    };
    bench.exit(next);
    expect(bench.startOne().pace.expected_s).toBe(null);
  });

  it('does not learn from a plot that failed', () => {
    const bench = new Bench();
    bench.exit(bench.startOne(), 1);
    expect(bench.state.paces.size).toBe(0);
  });

  it('is told on by a clock that was set back', () => {
    const bench = new Bench({ nightly: {} }, { settings: { progress_interval_ms: 10 * second } });
    const worker = bench.startOne();
    const told = () => bench.of('progress').map(({ percent }) => percent);
    bench.enter(worker, '1.2');
    expect(told()).toEqual([30]);
    bench.now -= 60 * minute;
    bench.enter(worker, '2');
    expect(told()).toEqual([30, 50]);
  });

  it('is told once per progress_interval and worker, and the last value always', () => {
    const bench = new Bench(
      { nightly: { max_workers: 2 } },
      { settings: { progress_interval_ms: 10 * second } },
    );
    const [first, second_] = bench.start('nightly', 2);
    if (!first || !second_) throw new Error('two workers');
    const told = (id: string) =>
      bench.of('progress').flatMap((event) => (event.worker === id ? [event.percent] : []));
    for (const stage of ['1.2', '2', '3']) bench.enter(first, stage);
    bench.enter(second_, '1.2');
    expect([told(first.id), told(second_.id)]).toEqual([[30], [30]]);
    bench.pass(10 * second);
    expect(told(first.id)).toEqual([30, 70]);
    bench.enter(first, '4');
    bench.exit(first, 1);
    expect(told(first.id)).toEqual([30, 70, 85]);
    bench.exit(second_);
    expect(told(second_.id)).toEqual([30, 100]);
  });

  it('asks for no wake-up once the plotter has ended', () => {
    const bench = new Bench({ nightly: { post_command: 'post' } });
    const worker = bench.startOne();
    bench.pass(minute);
    bench.enter(worker, '2');
    expect([...bench.wakes.values()].map(({ timer }) => timer)).toEqual([
      { kind: 'silence', worker: worker.id },
      { kind: 'progress', worker: worker.id },
    ]);
    bench.exit(worker);
    expect([...bench.wakes.keys()]).toEqual([]);
  });

  it('costs the journal nothing for a line that only moves it inside a percent', () => {
    const bench = new Bench();
    const worker = bench.startOne();
    bench.enter(worker, '1');
    const lines = bench.journal.length;
    for (let step = 1; step <= 20; step += 1)
      bench.log(worker, { type: 'inside', stage: '1.1', fraction: step / 1000 });
    expect(bench.journal).toHaveLength(lines);
    bench.log(worker, { type: 'inside', stage: '1.1', fraction: 0.04 });
    expect(bench.journal).toHaveLength(lines + 1);
  });
});
