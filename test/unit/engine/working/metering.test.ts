import { describe, expect, it } from 'vitest';
import type { Energy } from '../../../../src/engine/model/energy.ts';
import { kwhBetween, sharedOut, sharingWorkers } from '../../../../src/engine/working/metering.ts';
import { Bench, hour, minute, second } from '../bench.ts';

const awake = (steady: number, slept = 0) => ({ steady, slept });

describe('power above idle, times time', () => {
  it.each([
    ['an hour of a kilowatt', { watts: 1000, at: 0 }, [0, hour], { stale: 3600 }, 1],
    ['what idles doesn’t count', { watts: 500, at: 0 }, [0, minute], { idle_watts: 140 }, 0.006],
    ['less than idle is nothing', { watts: 100, at: 0 }, [0, minute], { idle_watts: 140 }, 0],
    ['power that is fed in is nothing', { watts: -3000, at: 0 }, [0, minute], {}, 0],
    ['a value holds for ten minutes', { watts: 600, at: 0 }, [0, hour], {}, 0.1],
    ['or as long as is said', { watts: 3600, at: 0 }, [0, hour], { stale: 10 }, 0.01],
    [
      'also where it was counted in between',
      { watts: 3600, at: 0 },
      [8 * second, hour],
      { stale: 10 },
      0.002,
    ],
    ['then nothing is made up', { watts: 3600, at: 0 }, [10 * second, hour], { stale: 10 }, null],
  ] as const)('%s', (_, power, [from, to], settings, kwh) => {
    const counted = kwhBetween(power, awake(from), awake(to), settings);
    if (kwh === null) expect(counted).toBeNull();
    else expect(counted).toBeCloseTo(kwh, 9);
  });

  it('leaves out the host’s sleep', () => {
    const power = { watts: 3600, at: 0 };
    expect(kwhBetween(power, awake(0), awake(30 * second, 20 * second), {})).toBeCloseTo(0.01, 9);
    expect(kwhBetween(power, awake(0, 5), awake(30 * second, 30 * second + 5), {})).toBeNull();
    expect(kwhBetween(power, awake(0), awake(8 * hour, 8 * hour - second), {})).toBeCloseTo(0.001, 9);
  });
});

describe('what was counted is shared evenly', () => {
  const before = new Map<string, Energy>([['a', { energy_kwh: 1, cost: null }]]);
  it.each([
    ['among one', 3, null, ['a'], [['a', 4, null]]],
    [
      'among three',
      3,
      0.5,
      ['a', 'b', 'c'],
      [
        ['a', 2, 0.5],
        ['b', 1, 0.5],
        ['c', 1, 0.5],
      ],
    ],
    [
      'nothing, too',
      0,
      0.5,
      ['b'],
      [
        ['a', 1, null],
        ['b', 0, 0],
      ],
    ],
  ] as const)('%s', (_, kwh, price, workers, wanted) => {
    const shared = sharedOut(before, kwh, price, workers);
    expect([...shared].map(([id, { energy_kwh, cost }]) => [id, energy_kwh, cost])).toEqual(wanted);
    expect([...before]).toEqual([['a', { energy_kwh: 1, cost: null }]]);
  });
});

it('those share whose plotter runs and isn’t suspended', () => {
  const JOBS = { first: { max_workers: 3, pre_command: 'pre', post_command: 'post' }, second: {} };
  const bench = new Bench(JOBS);
  const [one, two, three] = bench.start('first', 3);
  const other = bench.startOne('second');
  if (!one || !two || !three) throw new Error('three are wanted');
  const sharing = () => sharingWorkers(bench.state).sort();
  expect(sharing()).toEqual([other.id]);
  for (const worker of [one, two]) bench.exit(worker);
  expect(sharing()).toEqual([one.id, two.id, other.id].sort());
  bench.command({ type: 'pause_worker', job: 'first', slot: one.slot, paused: true });
  expect(sharing()).toEqual([two.id, other.id].sort());
  bench.set({ paused: true }, 'second');
  bench.exit(two);
  expect(sharing()).toEqual([]);
  bench.set({ paused: false }, 'second');
  bench.command({ type: 'pause_worker', job: 'first', slot: one.slot, paused: false });
  expect(sharing()).toEqual([one.id, other.id].sort());
  bench.restart();
  expect(sharing()).toEqual([one.id, other.id].sort());
});
