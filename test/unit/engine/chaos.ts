import { type DiskEntry, diskSchema } from '../../../src/config/schema/disks.ts';
import type { JobsLimit } from '../../../src/config/schema/limits.ts';
import type { Effect } from '../../../src/engine/effects.ts';
import type { Input } from '../../../src/engine/inputs.ts';
import type { Signal } from '../../../src/plotters/signal.ts';
import { Bench, minute } from './bench.ts';
import { releases } from './releases.ts';
import type { FarmProcess } from './farm.ts';
import type { Happening } from './happenings.ts';
import type { JobInput } from './plotter.ts';

/**
 * A farm's jobs: `first` is driven, `second` is chained to it without limits of its own and has several directories, `kept` keeps running, `made` comes and
 * goes over MQTT.
 */
const JOBS: Record<string, JobInput> = {
  first: {
    max_workers: 2,
    plots_to_do: 5,
    max_failures: 2,
    pre_command: 'pre',
    post_command: 'post',
    replot: { before: '2026-01-01T00:00:00Z', max_per_plot: 2 },
    save_logs: 3,
    events: [
      { fire: 'next', on: 'worker_started', delay: 5 },
      { fire: 'next', on: 'worker_end' },
    ],
    starts: [{ on: 'again' }, { on: '@startup' }],
  },
  second: {
    max_workers: 0,
    max_failures: 0,
    arguments: { temp_dir: ['/tmp1', '/tmp2'], dest_dir: ['/second', '/spare*'] },
    events: [
      { fire: 'again', on: 'progress', percent: 50 },
      { fire: 'elsewhere', at: 'rig2', on: 'worker_end' },
    ],
    starts: [{ on: 'next' }],
  },
  kept: {
    max_workers: 2,
    plots_to_do: 9,
    max_failures: 3,
    keep_running: true,
    arguments: { dest_dir: '/kept' },
    starts: [{ on: 'again' }],
  },
};

/** Over several jobs: by their workers, by phases (of which the plotter lacks one), and by time. */
export const LIMITS: ReadonlyMap<string, JobsLimit> = new Map([
  ['rig', { max_workers: 4 }],
  ['phases', { jobs: ['first', 'second', 'k*'], max_in_phase: { 1: 2, 3: 3 } }],
  ['lacking', { jobs: ['second', 'made'], max_in_phase: { 9: 2 } }],
  ['apart', { jobs: ['second', 'kept'], apart: 10 }],
]);

/** Limits of disks, each with the directories of `JOBS` that it matches; which disk these are on changes. */
export const DISKS: readonly { directories: readonly string[]; entry: DiskEntry }[] = [
  { directories: ['/tmp1', '/tmp2'], entry: diskSchema.parse({ match: '/t*', max_in_phase: { 1: 3 } }) },
  { directories: ['/tmp2'], entry: diskSchema.parse({ match: '/tmp2', max_workers: 1 }) },
  {
    directories: ['/dest', '/second', '/kept'],
    entry: diskSchema.parse({ match: '/?e*', max_workers: 3 }),
  },
  { directories: ['/kept'], entry: diskSchema.parse({ match: '/kept/', max_workers: 1, apart: 15 }) },
  { directories: ['/second'], entry: diskSchema.parse({ match: '/second', apart: 5 }) },
];

const EVERYTHING: Effect['type'][] = [
  'probe',
  'run',
  'terminate',
  'suspend',
  'resume',
  'replot_find',
  'replot_remove',
  'cleanup',
  'history',
  'fire_elsewhere',
];

/** An engine to which everything may happen, and a farm that remembers what really did. */
export class Chaos {
  readonly bench = new Bench(
    {},
    {
      settings: {
        limits: LIMITS,
        disks: DISKS.map(({ entry }) => entry),
        energy: { power_topic: 'power', price: 0.3 },
      },
    },
  );
  /** Processes that have ended without the daemon knowing yet. */
  readonly #reports: Input[] = [];
  /** What was taken in before: it may come again. */
  readonly #taken: Input[] = [];
  readonly tickets: number[] = [];
  /** Snapshots since the last crash, with the length of the journal at that time. */
  readonly checkpoints: { snapshot: string; line: number }[] = [];
  /** Looks at each step. */
  readonly #check: (bench: Bench) => void;

  constructor(check: (bench: Bench) => void) {
    this.#check = check;
    this.bench.farm.oldPlots.push({ file: '/dest/a.plot', size: 1 }, { file: '/dest/b.plot', size: 1 });
    this.bench.farm.disks.set('/tmp2', { device: 'other' });
    this.bench.farm.matches.set('/spare*', ['/spare']);
    this.bench.configure(JOBS);
    this.bench.hold(...EVERYTHING);
  }

  happen(happening: Happening): void {
    const { bench } = this;
    switch (happening.do) {
      case 'perform':
        return this.#perform(happening.which);
      case 'repeat':
        return this.#take(pick(this.#taken, happening.which), false);
      case 'tell':
        return this.#take(this.#reports.shift());
      case 'exit':
        return this.#exit(happening);
      case 'log':
        return this.#log(happening.which, happening.signal);
      case 'pass':
        bench.pass(happening.ms);
        return this.#check(bench);
      case 'command':
        this.tickets.push(bench.send(happening.command));
        return this.#check(bench);
      case 'disk':
        for (const path of ['/dest', '/second', '/kept', '/spare'])
          bench.farm.disks.set(path, happening.full ? { device: 'farm', free_bytes: 50 } : {});
        return;
      case 'configure':
        bench.configure({ ...JOBS, first: { ...JOBS.first, title: `Title ${happening.title}` } });
        return this.#check(bench);
      case 'crash':
        return this.#crash();
      case 'compact':
        bench.compact();
        this.checkpoints.length = 0;
        return;
      case 'checkpoint':
        this.checkpoints.push({ snapshot: bench.snapshotNow(), line: bench.journal.length });
        return;
      case 'power':
        return this.#take({ type: 'power', watts: happening.watts });
      case 'ack':
        return this.#take({ type: 'acked', seq: bench.state.seq });
      default:
        happening satisfies never;
    }
  }

  #take(input: Input | undefined, remember = true): void {
    if (!input) return;
    if (remember) this.#taken.push(input);
    this.bench.feedOnly(input);
    this.#check(this.bench);
  }

  #perform(which: number): void {
    const { farm, state, now } = this.bench;
    const index = farm.outstanding.length === 0 ? 0 : which % farm.outstanding.length;
    const [work] = farm.outstanding.splice(index, 1);
    const input = work && farm.perform(work, state, now);
    if (input) this.#take(input);
  }

  #running(): FarmProcess[] {
    return this.bench.farm.processes.filter(({ exit }) => exit === null);
  }

  #exit({ which, code, told }: Extract<Happening, { do: 'exit' }>): void {
    const process = pick(this.#running(), which);
    const report = process && this.bench.farm.exit(process.worker, code, this.bench.now);
    if (!report) return;
    if (told) this.#take(report);
    else this.#reports.push(report);
  }

  #log(which: number, signal: Signal): void {
    const plotters = this.#running().filter(({ kind }) => kind === 'plotter');
    const process = pick(plotters, which);
    const worker = process && this.bench.state.workers.get(process.worker);
    if (worker)
      this.#take({
        type: 'log',
        run: worker.run,
        offset: this.bench.run(worker).log_offset + 10,
        signals: [signal],
      });
  }

  #crash(): void {
    this.bench.crash();
    this.#reports.length = 0;
    this.tickets.length = 0;
    this.checkpoints.length = 0;
    this.bench.comeUp();
    this.#check(this.bench);
  }

  /** Everything that goes on comes to its end: nothing new starts but what was owed. */
  windDown(): void {
    const { bench } = this;
    bench.farm.disks.clear();
    bench.configure(JOBS);
    for (const job of bench.state.jobs.keys()) bench.set({ paused: false }, job);
    for (const command of releases(bench.state)) bench.command(command);
    for (const job of ['first', 'kept', 'made']) bench.set({ enabled: false }, job);
    for (let report = this.#reports.shift(); report; report = this.#reports.shift()) bench.feed(report);
    bench.release(...EVERYTHING);
    for (let round = 0; round < 200; round += 1) {
      bench.pass(minute);
      for (const { id, paused, slot, job } of [...bench.state.runs.values()])
        if (paused) bench.command({ type: 'pause_worker', job, slot, paused: false });
        else if (bench.farm.running(id)) bench.exit({ id });
      const waiting = [...bench.state.jobs.values()].some(({ pending }) => pending > 0);
      if (bench.state.workers.size === 0 && bench.state.timers.size === 0 && !waiting) return;
    }
    throw new Error('the farm does not come to rest');
  }
}

function pick<Value>(values: readonly Value[], which: number): Value | undefined {
  return values.length === 0 ? undefined : values[which % values.length];
}
