import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Input } from '../../../../src/engine/inputs.ts';
import { toSnapshot } from '../../../../src/engine/model/snapshot.ts';
import { plotsInHand, runCount, workersOf } from '../../../../src/engine/model/state.ts';
import type { Signal } from '../../../../src/plotters/signal.ts';
import { Bench, minute } from '../bench.ts';
import { canonical } from '../canonical.ts';
import type { JobInput } from '../plotter.ts';
import { restored } from '../replay.ts';

/** A failure is made smaller for so long, then told. */
const RUNS = { numRuns: 60, interruptAfterTimeLimit: 12_000 };

const COMMON: JobInput = { plots_per_run: 3, max_workers: 2, max_failures: 0, post_command: 'post' };
const JOBS: Record<string, JobInput> = {
  many: {
    ...{ ...COMMON, plotter: 'many', plots_to_do: 12, pre_command: 'pre', save_logs: 4 },
    replot: { before: '2026-01-01T00:00:00Z' },
  },
  graceful: { ...COMMON, plotter: 'graceful', keep_running: true, plots_to_do: 9 },
};
const HELD = [
  ...(['probe', 'run', 'terminate', 'finish', 'look_at_plot', 'record_worker'] as const),
  ...(['suspend', 'resume', 'replot_find', 'replot_remove', 'cleanup', 'history'] as const),
];

const which = fc.nat(1000);
const job = fc.constantFrom('many', 'graceful');
const happening = fc.oneof(
  { weight: 30, arbitrary: fc.record({ do: fc.constant('perform' as const), which }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('begin' as const), which }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('place' as const), which }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('stage' as const), which }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('exit' as const, 'fail' as const), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('repeat' as const, 'pass' as const), which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('crash' as const, 'compact' as const), which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('start' as const), job }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...(['dismiss', 'pause', 'go on', 'disable', 'enable', 'hold', 'release', 'fewer', 'more'] as const),
      ),
      job,
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

type Line = Pick<Extract<Input, { type: 'log' }>, 'offset' | 'nth' | 'signals'>;

/** Runs that make several plots, to which everything may happen, and what their plotters really did. */
class Story {
  readonly bench = new Bench();
  /** By run, its log, and how many plots it has begun. */
  readonly #logs = new Map<string, { lines: Line[]; begun: number }>();
  /** Plots of runs of several that were in their place. */
  readonly placed: { run: string; nth: number; file: string }[] = [];
  /** How far the daemon has read each. */
  readonly #read = new Map<string, number>();
  readonly #taken: Input[] = [];

  constructor() {
    this.bench.configure(JOBS);
    for (let old = 0; old < 9; old += 1)
      this.bench.farm.oldPlots.push({ file: `/dest/o${old}.plot`, size: 1 });
    this.bench.hold(...HELD);
    this.bench.comeUp();
  }

  happen(each: Happening): void {
    const { bench } = this;
    switch (each.do) {
      case 'perform': {
        const { outstanding } = bench.farm;
        const [work] = outstanding.splice(outstanding.length === 0 ? 0 : each.which % outstanding.length, 1);
        const input = work && bench.farm.perform(work, bench.state, bench.now);
        // What a process that ends has written is read first.
        if (input?.type === 'exited' && input.kind === 'plotter') this.#readAll(input.owner);
        const told = input?.type === 'exited' ? bench.farm.again(input, bench.state) : input;
        return told ? this.#take(told) : undefined;
      }
      case 'begin':
      case 'place':
      case 'stage':
        return this.#write(each.do, each.which);
      case 'exit':
      case 'fail': {
        const process = pick(this.#running(), each.which);
        if (!process) return;
        if (process.kind === 'plotter') this.#readAll(process.worker);
        const code = each.do === 'exit' ? 0 : 1;
        const { worker, kind } = process;
        const input = bench.farm.exit(worker, code, bench.now, { kind }, bench.state);
        return input ? this.#take(input) : undefined;
      }
      case 'repeat': {
        const input = pick(this.#taken, each.which);
        // A look at a plot is told once, as it was.
        if (input && input.type !== 'plot_seen') bench.feedOnly(input);
        return;
      }
      case 'pass':
        return bench.pass((each.which % 40) * 1000);
      case 'compact':
        return bench.compact();
      case 'crash':
        bench.crash();
        this.#read.clear();
        return bench.comeUp();
      case 'start':
        bench.send({ type: 'start', job: each.job, workers: 1 });
        return;
      case 'dismiss':
        bench.send({ type: 'dismiss_job', job: each.job });
        return;
      case 'pause':
      case 'go on':
        bench.set({ paused: each.do === 'pause' }, each.job);
        return;
      case 'disable':
      case 'enable':
        bench.set({ enabled: each.do === 'enable' }, each.job);
        return;
      case 'hold':
        bench.send({ type: 'set_hold', job: each.job, name: 'price', wanted: { kind: 'no_starts' } });
        return;
      case 'release':
        bench.send({ type: 'release_hold', job: each.job, name: 'price' });
        return;
      case 'fewer':
      case 'more':
        bench.set(
          { max_workers: each.do === 'fewer' ? 1 : 2, plots_to_do: each.do === 'fewer' ? 4 : 12 },
          each.job,
        );
        return;
      default:
        each satisfies never;
    }
  }

  #running() {
    return this.bench.farm.processes.filter(({ exit }) => exit === null);
  }

  #take(input: Input): void {
    this.#taken.push(input);
    this.bench.feedOnly(input);
  }

  /** A plotter that runs writes a line, which the daemon reads with what it hasn't read before. */
  #write(what: 'begin' | 'place' | 'stage', which: number): void {
    const { bench } = this;
    const plotters = this.#running().filter(({ kind, suspended }) => kind === 'plotter' && !suspended);
    const run = bench.state.runs.get(pick(plotters, which)?.worker ?? '');
    if (!run) return;
    const log = this.#logs.get(run.id) ?? { lines: [], begun: 0 };
    this.#logs.set(run.id, log);
    if (what === 'begin' && log.begun >= run.plots) return;
    if (what !== 'begin' && log.begun === 0) return;
    if (what === 'begin') log.begun += 1;
    const nth = what === 'begin' ? log.begun : 1 + (which % log.begun);
    const file = `/dest/${run.id}-${nth}.plot`;
    if (what === 'place') bench.farm.inPlace.add(file);
    if (what === 'place' && run.plots > 1) this.placed.push({ run: run.id, nth, file });
    const SAYS: Record<typeof what, Signal> = {
      begin: { type: 'begin' },
      place: { type: 'final_file', file },
      stage: { type: 'enter', stage: String(1 + (which % 5)) },
    };
    log.lines.push({ offset: log.lines.length + 1, nth, signals: [SAYS[what]] });
    this.#readAll(run.id);
  }

  #readAll(id: string): void {
    const run = this.bench.state.runs.get(id);
    const lines = this.#logs.get(id)?.lines ?? [];
    const from = this.#read.get(id) ?? run?.log_offset ?? 0;
    this.#read.set(id, lines.length);
    for (const line of lines) if (line.offset > from) this.#take({ type: 'log', run: id, ...line });
  }

  /** Everything comes to its end. */
  windDown(): void {
    const { bench } = this;
    for (const id of Object.keys(JOBS)) {
      bench.set({ enabled: false, paused: false }, id);
      bench.send({ type: 'release_hold', job: id, name: 'price' });
    }
    bench.release(...HELD);
    for (let round = 0; round < 200 && bench.state.runs.size > 0; round += 1) {
      bench.pass(minute);
      for (const { worker, kind } of this.#running()) {
        if (kind === 'plotter') this.#readAll(worker);
        const input = bench.farm.exit(worker, 0, bench.now, { kind }, bench.state);
        if (input) bench.feed(input);
      }
    }
  }
}

function pick<Value>(values: readonly Value[], which: number): Value | undefined {
  return values.length === 0 ? undefined : values[which % values.length];
}

function check(bench: Bench, since: number): void {
  for (const event of bench.events.slice(since)) {
    if (event.type !== 'worker_started' || event.worker !== event.run) continue;
    const job = bench.job(event.job ?? '');
    expect(runCount(bench.state, job.id)).toBeLessThanOrEqual(job.definition.max_workers);
    const plots = job.plots_done + plotsInHand(bench.state, job.id);
    expect(plots).toBeLessThanOrEqual(job.definition.plots_to_do);
  }
  for (const run of bench.state.runs.values())
    expect(workersOf(bench.state, run.id).length).toBeGreaterThan(0);
}

it('whatever happens to runs of several plots, each plot counts once, each worker ends once', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 150, size: 'max' }), (all) => {
      const story = new Story();
      const { bench } = story;
      let seen = 0;
      for (const each of all) {
        story.happen(each);
        check(bench, seen);
        seen = bench.events.length;
        if (bench.memory.unwritten.runs.size + bench.memory.unwritten.workers.size > 0) continue;
        expect(canonical(toSnapshot(restored(bench.snapshot, bench.journal)))).toBe(
          canonical(toSnapshot(bench.state)),
        );
      }
      story.windDown();
      expect(bench.state.runs.size).toBe(0);
      const started = bench.of('worker_started').map(({ worker }) => worker);
      const ends = [...bench.of('worker_end'), ...bench.of('worker_dismissed')];
      expect(ends.map(({ worker }) => worker).sort()).toEqual([...started].sort());
      expect([...bench.farm.history].sort()).toEqual([...started].sort());
      const plots = ends.flatMap(({ plot }) => plot ?? []);
      expect(new Set(plots).size).toBe(plots.length);
      expect(bench.state.plots_done).toBe(plots.length);
      const workers = (run: string) => bench.of('worker_started').filter((each) => each.run === run).length;
      for (const { run, nth, file } of story.placed)
        if (nth <= workers(run)) expect(plots, 'a plot that was in its place').toContain(file);
      const posts = bench.farm.processes.filter(({ kind }) => kind === 'post');
      expect(bench.of('post_process_started')).toHaveLength(posts.length);
      expect(new Set(posts.map(({ worker }) => worker)).size).toBe(posts.length);
      const removed = bench.of('replot_removed').map(({ file }) => file);
      expect(new Set(removed).size).toBe(removed.length);
      expect(bench.state.definitions.size).toBe(0);
      expect(bench.memory.unwritten).toEqual({ runs: new Map(), workers: new Map() });
    }),
    RUNS,
  );
});
