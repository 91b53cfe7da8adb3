import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EnergySettings } from '../../../../src/config/schema/energy.ts';
import { addEnergy, type Energy, NO_ENERGY } from '../../../../src/engine/model/energy.ts';
import type { HistoryLine } from '../../../../src/engine/model/history-line.ts';
import { sharingWorkers } from '../../../../src/engine/working/metering.ts';
import { farmView } from '../../../../src/engine/views/farm-view.ts';
import { Bench, hour, minute, second } from '../bench.ts';
import type { JobInput } from '../plotter.ts';

/** 36 kW above idle: a kilowatt hour in 100 seconds. */
const HEAVY = 36_100;
const SET_UP: EnergySettings = { power_topic: 'home/rig/power', idle_watts: 100, price: 0.5 };
const TWO = { nightly: { max_workers: 2 } };

/** A bench whose host is metered; it remembers the lines of the history. */
class Metered extends Bench {
  readonly lines: HistoryLine[] = [];

  constructor(jobs: Record<string, JobInput> = TWO, energy: EnergySettings | null = SET_UP) {
    super(jobs, { settings: energy === null ? {} : { energy } });
    this.after = ({ entry }) => {
      for (const change of entry?.c ?? [])
        if (change[0] === 'history' && change[2] !== null) this.lines.push(change[2]);
    };
  }

  power(watts: number): void {
    this.feed({ type: 'power', watts });
  }

  line(worker: { id: string }): HistoryLine | undefined {
    return this.lines.find((line) => line.worker === worker.id);
  }

  /** config.yaml says something else of energy. */
  reconfigure(energy: EnergySettings | null): void {
    const { energy: _, ...settings } = this.settings;
    const jobs = new Map([...this.state.jobs].map(([id, { definition }]) => [id, definition]));
    this.feed({ type: 'configured', jobs, settings: { ...settings, ...(energy ? { energy } : {}) } });
  }

  get farmNow() {
    const room = { free_bytes: null, total_bytes: null, full_at: null };
    const view = farmView(this.state, this.world(), { today: '', storage: 'ok', disks: [], room });
    return { energy_kwh: view.energy_kwh, cost: view.cost };
  }
}

describe('a worker’s energy', () => {
  it('goes into its history line, to its job and into the farm’s sums', () => {
    const bench = new Metered();
    expect(bench.farmNow).toEqual({ energy_kwh: 0, cost: 0 });
    expect(bench.jobView()).toMatchObject({ last_plot_kwh: null, average_plot_cost: null });
    const [one, two] = bench.start('nightly', 2);
    if (!one || !two) throw new Error('two are wanted');
    bench.power(HEAVY);
    bench.pass(100 * second);
    bench.exit(one);
    expect(bench.line(one)).toMatchObject({ energy_kwh: 0.5, cost: 0.25, result: 'done' });
    expect(bench.jobView()).toMatchObject({ last_plot_kwh: 0.5, last_plot_cost: 0.25 });
    bench.pass(100 * second);
    bench.exit(two);
    expect(bench.line(two)).toMatchObject({ energy_kwh: 1.5, cost: 0.75 });
    expect(bench.jobView()).toMatchObject({
      ...{ last_plot_kwh: 1.5, last_plot_cost: 0.75 },
      ...{ average_plot_kwh: 1, average_plot_cost: 0.5 },
    });
    expect(bench.farmNow).toEqual({ energy_kwh: 2, cost: 1 });
    // What is drawn while nothing plots is nobody's.
    bench.pass(minute);
    expect(bench.farmNow).toEqual({ energy_kwh: 2, cost: 1 });
    bench.command({ type: 'reset', job: 'nightly' });
    expect(bench.farmNow).toEqual({ energy_kwh: 2, cost: 1 });
  });

  it('is counted for failed and dismissed ones too, which are no plots', () => {
    const bench = new Metered();
    const [one, two] = bench.start('nightly', 2);
    if (!one || !two) throw new Error('two are wanted');
    bench.power(HEAVY);
    bench.pass(100 * second);
    bench.exit(one, 1);
    bench.command({ type: 'dismiss_worker', job: 'nightly', slot: two.slot });
    for (const worker of [one, two]) expect(bench.line(worker)).toMatchObject({ energy_kwh: 0.5 });
    expect(bench.jobView()).toMatchObject({ last_plot_kwh: null, average_plot_kwh: null });
    expect(bench.farmNow.energy_kwh).toBe(1);
  });

  it('is not known where no power was', () => {
    const bench = new Metered();
    const silent = bench.startOne();
    bench.pass(hour);
    bench.exit(silent);
    expect(bench.line(silent)).toMatchObject({ energy_kwh: null, cost: null });
    expect(bench.jobView()).toMatchObject({ last_plot_kwh: null, average_plot_kwh: null });
    const without = new Metered(TWO, null);
    const worker = without.startOne();
    without.power(HEAVY);
    without.pass(minute);
    without.exit(worker);
    expect(without.line(worker)).toMatchObject({ energy_kwh: null, cost: null });
    expect(without.farmNow).toEqual({ energy_kwh: null, cost: null });
  });

  it('is shared anew whenever a plotter begins, stands still, goes on or ends', () => {
    const bench = new Metered({ first: { pre_command: 'pre' }, second: {} });
    const first = bench.startOne('first');
    bench.power(HEAVY);
    bench.pass(100 * second);
    bench.exit(first);
    bench.pass(100 * second);
    const second_ = bench.startOne('second');
    bench.pass(100 * second);
    bench.set({ paused: true }, 'first');
    bench.pass(100 * second);
    bench.set({ paused: false }, 'first');
    bench.pass(50 * second);
    bench.exit(second_);
    bench.pass(50 * second);
    bench.exit(first);
    expect(bench.line(first)?.energy_kwh).toBeCloseTo(1 + 0.5 + 0.25 + 0.5, 6);
    expect(bench.line(second_)?.energy_kwh).toBeCloseTo(0.5 + 1 + 0.25, 6);
  });

  it('is what each value of power says until the next one', () => {
    const bench = new Metered();
    const worker = bench.startOne();
    for (const kilowatts of [36, 72, 0, 18]) {
      bench.power(kilowatts * 1000 + 100);
      bench.pass(100 * second);
    }
    bench.exit(worker);
    expect(bench.line(worker)?.energy_kwh).toBeCloseTo(3.5, 6);
  });
});

describe('nothing is made up', () => {
  it('where no value comes for ten minutes, or as long as `stale` says', () => {
    const bench = new Metered(TWO, { ...SET_UP, stale: 100 });
    const worker = bench.startOne();
    bench.power(HEAVY);
    bench.pass(hour);
    bench.power(HEAVY);
    bench.pass(50 * second);
    bench.exit(worker);
    expect(bench.line(worker)?.energy_kwh).toBeCloseTo(1.5, 6);
  });

  it('over a restart: the next value is waited for, what was written stays', () => {
    const bench = new Metered();
    const worker = bench.startOne();
    bench.power(HEAVY);
    bench.pass(100 * second);
    bench.crash();
    bench.now += 10 * second;
    bench.comeUp();
    bench.pass(100 * second);
    expect(bench.farmNow.energy_kwh).toBeCloseTo(0.6, 6);
    bench.power(HEAVY);
    bench.pass(50 * second);
    bench.exit(worker);
    expect(bench.line(worker)?.energy_kwh).toBeCloseTo(1.1, 6);
    expect(bench.farmNow.energy_kwh).toBeCloseTo(1.1, 6);
  });

  it('over the host’s sleep: until the next value nothing is known', () => {
    const bench = new Metered();
    const worker = bench.startOne();
    bench.power(HEAVY);
    bench.pass(50 * second);
    bench.slept += 8 * minute;
    bench.now += 8 * minute;
    bench.pass(minute);
    bench.power(HEAVY);
    bench.pass(50 * second);
    bench.exit(worker);
    expect(bench.line(worker)?.energy_kwh).toBeLessThanOrEqual(1.1);
    expect(bench.line(worker)?.energy_kwh).toBeGreaterThan(0.9);
  });

  it('by a clock that is set', () => {
    const bench = new Metered();
    const worker = bench.startOne();
    bench.power(HEAVY);
    bench.pass(50 * second);
    bench.now += hour;
    bench.ahead -= hour;
    bench.pass(50 * second);
    bench.exit(worker);
    expect(bench.line(worker)?.energy_kwh).toBeCloseTo(1, 6);
  });
});

describe('what it costs', () => {
  it('is by the price of the time: that of the topic, before that the one in config.yaml', () => {
    const bench = new Metered();
    const worker = bench.startOne();
    bench.power(HEAVY);
    bench.pass(100 * second);
    bench.feed({ type: 'price', price: 2 });
    bench.pass(100 * second);
    bench.feed({ type: 'price', price: 0 });
    bench.pass(100 * second);
    bench.exit(worker);
    expect(bench.line(worker)).toMatchObject({ energy_kwh: 3, cost: 2.5 });
  });

  it('isn’t known where no price is', () => {
    const bench = new Metered(TWO, { power_topic: 'p' });
    const worker = bench.startOne();
    bench.power(36_000);
    bench.pass(100 * second);
    bench.exit(worker);
    expect(bench.line(worker)).toMatchObject({ energy_kwh: 1, cost: null });
    expect(bench.farmNow).toEqual({ energy_kwh: 1, cost: null });
  });
});

describe('a reload', () => {
  it('counts what was before as it was said then', () => {
    const bench = new Metered();
    const worker = bench.startOne();
    bench.power(HEAVY);
    bench.pass(100 * second);
    bench.reconfigure({ ...SET_UP, idle_watts: 18_100, price: 4 });
    bench.pass(100 * second);
    bench.reconfigure({ ...SET_UP, power_topic: 'another' });
    bench.pass(100 * second);
    bench.power(HEAVY);
    bench.pass(100 * second);
    bench.reconfigure(null);
    bench.power(HEAVY);
    bench.pass(100 * second);
    bench.exit(worker);
    expect(bench.line(worker)).toMatchObject({ energy_kwh: 2.5, cost: 0.5 + 2 + 0.5 });
    expect(bench.farmNow).toEqual({ energy_kwh: 2.5, cost: 3 });
  });
});

describe('is written down', () => {
  const entries = (bench: Bench) => bench.journal.length;

  it('once a minute, not for each value, and before a worker ends', () => {
    const bench = new Metered();
    bench.start();
    bench.power(HEAVY);
    const before = entries(bench);
    for (let value = 0; value < 59; value += 1) {
      bench.pass(second);
      bench.power(HEAVY);
    }
    expect(entries(bench)).toBe(before);
    expect(bench.farmNow.energy_kwh).toBe(0);
    bench.pass(2 * second);
    expect(entries(bench)).toBe(before + 1);
    expect(bench.farmNow.energy_kwh).toBeGreaterThan(0.5);
  });

  it('also where nothing is said or happens, until the last value holds no more', () => {
    const bench = new Metered(TWO, { ...SET_UP, stale: 150 });
    bench.power(HEAVY);
    bench.start();
    for (const kwh of [0.6, 1.2, 1.5, 1.5]) {
      bench.pass(minute);
      expect(bench.farmNow.energy_kwh).toBeCloseTo(kwh, 6);
    }
    expect([...bench.wakes.values()].filter(({ timer }) => timer.kind === 'energy')).toEqual([]);
  });

  it('not at all while nothing plots', () => {
    const bench = new Metered();
    const before = entries(bench);
    for (let value = 0; value < 300; value += 1) {
      bench.power(HEAVY);
      bench.pass(second);
    }
    expect(entries(bench)).toBe(before);
    expect(bench.wakes.size).toBe(0);
  });
});

type Doing =
  | { do: 'pass'; ms: number }
  | { do: 'power'; watts: number }
  | { do: 'exit' | 'pause'; which: number; code: number }
  | { do: 'start' | 'crash' | 'compact' };

const doing: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(4 * minute) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('power' as const), watts: fc.nat(5000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('exit' as const, 'pause' as const),
      which: fc.nat(5),
      code: fc.constantFrom(0, 1),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'start' as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ do: 'crash' as const }, { do: 'compact' as const }) },
);

/** What power above idle comes to while somebody plots, by another way: interval by interval. */
class Integral {
  kwh = 0;
  #power: { watts: number; left_ms: number } | null = null;

  said(watts: number): void {
    this.#power = { watts, left_ms: 10 * minute };
  }

  /** The daemon was restarted: it knows of no power. */
  forget(): void {
    this.#power = null;
  }

  pass(ms: number, isPlotting: boolean): void {
    if (!this.#power) return;
    const held = Math.min(ms, this.#power.left_ms);
    this.#power.left_ms -= held;
    if (isPlotting) this.kwh += (Math.max(0, this.#power.watts - 100) * held) / 3.6e9;
  }
}

function act(bench: Metered, integral: Integral, doing: Doing): void {
  switch (doing.do) {
    case 'pass':
      integral.pass(doing.ms, sharingWorkers(bench.state).length > 0);
      return bench.pass(doing.ms);
    case 'power':
      integral.said(doing.watts);
      return bench.power(doing.watts);
    case 'start':
      return void bench.command({ type: 'start', job: 'nightly', workers: 1 });
    case 'crash':
      integral.forget();
      return bench.restart();
    case 'compact':
      return bench.compact();
    default: {
      const runs = [...bench.state.runs.values()];
      const run = runs[doing.which % Math.max(1, runs.length)];
      if (!run) return;
      if (doing.do === 'pause')
        bench.command({ type: 'pause_worker', job: run.job, slot: run.slot, paused: !run.paused });
      else if (bench.farm.running(run.id)) bench.exit(run, doing.code);
    }
  }
}

const JOBS = { nightly: { max_workers: 4, max_failures: 0 } };

it('what workers took is what the host drew above idle while any of them plotted, and the farm’s sum', () => {
  fc.assert(
    fc.property(fc.array(doing, { maxLength: 60 }), (doings) => {
      const bench = new Metered(JOBS);
      const integral = new Integral();
      let before = 0;
      for (const each of doings) {
        act(bench, integral, each);
        const workers: Energy[] = [...bench.state.workers.values()];
        const written = [...bench.lines, ...workers].reduce<Energy>(addEnergy, NO_ENERGY);
        const sum = bench.state.energy;
        // Lines are rounded.
        expect(sum.energy_kwh ?? 0).toBeCloseTo(written.energy_kwh ?? 0, 4);
        expect(sum.cost ?? 0).toBeCloseTo((sum.energy_kwh ?? 0) / 2, 9);
        expect(sum.energy_kwh ?? 0).toBeGreaterThanOrEqual(before);
        expect(sum.energy_kwh ?? 0).toBeLessThanOrEqual(integral.kwh + 1e-9);
        before = sum.energy_kwh ?? 0;
      }
      act(bench, integral, { do: 'pass', ms: minute });
      bench.power(0);
      // What nobody had written down when the daemon died is lost: at most a minute of it each time.
      const crashes = doings.filter((each) => each.do === 'crash').length;
      const lost = integral.kwh - (bench.state.energy.energy_kwh ?? 0);
      const pending = [...bench.memory.metering.unwritten.values()].reduce<Energy>(addEnergy, NO_ENERGY);
      expect(lost - (pending.energy_kwh ?? 0)).toBeLessThanOrEqual(crashes * (5 / 60) + 1e-9);
      if (crashes === 0) expect(lost - (pending.energy_kwh ?? 0)).toBeCloseTo(0, 9);
    }),
  );
});
