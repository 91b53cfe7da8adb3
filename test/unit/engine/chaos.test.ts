import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Memory } from '../../../src/engine/memory.ts';
import { fromSnapshot, toSnapshot } from '../../../src/engine/model/snapshot.ts';
import { type State, runCount } from '../../../src/engine/model/state.ts';
import { ALL_GATES, firstClosed } from '../../../src/engine/starting/gates/gates.ts';
import { keptRunning } from '../../../src/engine/starting/keep-running.ts';
import { waitingOf } from '../../../src/engine/starting/waiting.ts';
import type { Input } from '../../../src/engine/inputs.ts';
import type { JobState } from '../../../src/engine/model/job-state.ts';
import type { WorkerState } from '../../../src/engine/model/worker-state.ts';
import type { Bench } from './bench.ts';
import { canonical } from './canonical.ts';
import { Chaos, DISKS, LIMITS } from './chaos.ts';
import { happening } from './happenings.ts';
import { restored } from './replay.ts';

/** A failure is made smaller for so long, then told. */
const RUNS = { numRuns: 60, interruptAfterTimeLimit: 12_000 };
const happenings = fc.array(happening, { maxLength: 150, size: 'max' });

/** A state as text, without what `moveWorker` leaves to the log to tell again. */
function written(state: State, unwritten: Bench['memory']['unwritten']): string {
  const snapshot = toSnapshot(state);
  const known = (kind: 'runs' | 'workers') =>
    snapshot[kind].map(([id, value]) => {
      const open = new Set<string>(unwritten[kind].get(id));
      return [id, Object.fromEntries(Object.entries(value).filter(([key]) => !open.has(key)))];
    });
  return canonical({ ...snapshot, runs: known('runs'), workers: known('workers') });
}

/** Workers that have just started are within the limits of their job and of the farm. */
function checkLimits(bench: Bench, since: number): void {
  for (const event of bench.events.slice(since)) {
    const job = event.type === 'worker_started' ? bench.state.jobs.get(event.job ?? '') : undefined;
    if (!job) continue;
    expect(bench.state.runs.size).toBeLessThanOrEqual(bench.state.farm.max_workers);
    const { max_workers, plots_to_do } = job.definition;
    const running = runCount(bench.state, job.id);
    if (max_workers > 0) expect(running).toBeLessThanOrEqual(max_workers);
    if (plots_to_do > 0) expect(job.plots_done + running).toBeLessThanOrEqual(plots_to_do);
  }
}

/** After a start, what each limit over jobs counts is within it. Told apart from the engine's own counting. */
function checkSharedLimits(bench: Bench, since: number): void {
  for (const { type, job, at } of bench.events.slice(since)) {
    if (type !== 'worker_started' || job === null) continue;
    for (const [name, limit] of LIMITS) {
      const { jobs = ['*'], max_workers = Number.POSITIVE_INFINITY, max_in_phase = {}, apart = 0 } = limit;
      const under = (id: string) => jobs.some((each) => each === id || each === `${id[0]}*` || each === '*');
      if (!under(job)) continue;
      const workers = [...bench.state.workers.values()].filter((worker) => under(worker.job));
      expect(workers.length, name).toBeLessThanOrEqual(max_workers);
      for (const [phase, most] of Object.entries(max_in_phase)) {
        const counted = workers.filter((worker) => isUnfinished(bench, worker, phase));
        expect(counted.length, `${name}, phase ${phase}`).toBeLessThanOrEqual(most);
      }
      const starts = bench.of('worker_started').filter((each) => under(each.job ?? ''));
      const before = starts.filter((each) => each.at <= at).at(-2);
      if (before) expect(Date.parse(at) - Date.parse(before.at), name).toBeGreaterThanOrEqual(apart * 1000);
    }
  }
}

/** The same for the limits of disks, by where workers got their directories. */
function checkDisks(bench: Bench, since: number): void {
  for (const { type, worker, at } of bench.events.slice(since)) {
    const started = type === 'worker_started' ? bench.state.workers.get(worker ?? '') : undefined;
    for (const { path, filesystem } of started?.placement ?? [])
      for (const { directories, entry } of DISKS) {
        if (!directories.includes(path)) continue;
        const what = `${entry.match} on ${filesystem}`;
        const isThere = ({ placement }: WorkerState, role?: string) =>
          placement.some(
            (each) =>
              each.filesystem === filesystem &&
              directories.includes(each.path) &&
              each.role === (role ?? each.role),
          );
        const workers = [...bench.state.workers.values()];
        const there = workers.filter((each) => isThere(each));
        expect(there.length, what).toBeLessThanOrEqual(entry.max_workers ?? there.length);
        for (const [phase, most] of Object.entries(entry.max_in_phase ?? {})) {
          const temp = workers.filter((each) => isThere(each, 'temp') && isUnfinished(bench, each, phase));
          expect(temp.length, `${what}, phase ${phase}`).toBeLessThanOrEqual(most);
        }
        const others = there.filter(({ id }) => id !== worker).map(({ started_at }) => started_at);
        for (const before of others)
          expect(Date.parse(at) - before, what).toBeGreaterThanOrEqual((entry.apart ?? 0) * 1000);
      }
  }
}

function isUnfinished(bench: Bench, worker: WorkerState, phase: string): boolean {
  if (worker.step === 'post' || worker.step === 'cleanup' || (worker.step === 'plotter' && worker.held))
    return false;
  return !bench.of('stage_finished').some((each) => each.worker === worker.id && each.stage === phase);
}

/** What jobs wait for as it was last published: all when the daemon comes up, then those that a step touches. */
class Shown {
  readonly #views = new Map<string, object>();
  #memory: Memory | null = null;

  check(bench: Bench): void {
    const jobs = bench.state.jobs;
    bench.after = ({ touched }) => this.#show(bench, touched.jobs);
    if (this.#memory !== bench.memory) this.#show(bench, jobs.keys());
    this.#memory = bench.memory;
    for (const job of jobs.values())
      expect(this.#views.get(job.id), `what '${job.id}' waits for`).toEqual(waitingOf(bench.world(), job));
  }

  #show(bench: Bench, ids: Iterable<string>): void {
    for (const id of ids) {
      const job = bench.state.jobs.get(id);
      if (job) this.#views.set(id, waitingOf(bench.world(), job));
    }
  }
}

/** Nothing waits that could start, but for a look at the disks that is under way. */
function checkQueues(bench: Bench): void {
  const world = bench.world();
  for (const id of bench.memory.keeping.keys()) expect(bench.memory.probing.has(id)).toBe(true);
  for (const job of bench.state.jobs.values()) {
    const aged = job.asked.reduce((sum, { workers }) => sum + workers, 0);
    expect(aged, 'of each that waits it is known since when').toBe(job.wanted + job.pending);
    expect(job.asked.map(({ since }) => since)).toEqual(
      job.asked.map(({ since }) => since).toSorted((a, b) => a - b),
    );
    if (bench.memory.probing.has(job.id)) continue;
    expect(job.wanted).toBe(0);
    expect(bench.memory.manual.has(job.id)).toBe(false);
    expect(keptRunning(world, job) > 0 && job.blocked === 'none').toBe(false);
    if (job.pending > 0) expect(firstClosed(ALL_GATES, world, job, 0)).not.toBe(null);
  }
}

/** A start whose look at the disks comes back takes no place from older ones that are on their way. */
class Turns {
  #bench: Bench | null = null;
  #before: JobState[] = [];
  #input: Input | null = null;

  check(bench: Bench, since: number): void {
    if (this.#bench === null)
      bench.before = (input) => {
        this.#input = input;
        this.#before = [...bench.state.jobs.values()].map((job) => ({ ...job }));
      };
    this.#bench = bench;
    const starts = bench.events
      .slice(since)
      .flatMap((each) => (each.type === 'worker_started' ? [each] : []));
    for (const { job, cause } of starts) {
      if (this.#input?.type !== 'probed' || cause === null || cause.kind === 'manual') continue;
      const asked = this.#before.find(({ id }) => id === job)?.asked[0]?.since ?? 0;
      const turn = cause.kind === 'keep_running' ? Number.POSITIVE_INFINITY : asked;
      for (const other of this.#before.filter(({ id }) => id !== job))
        expect(bench.state.jobs.get(other.id)?.wanted ?? 0).toBeGreaterThanOrEqual(olderThan(other, turn));
    }
  }
}

/** How many starts of a job on their way were asked for before a time. */
function olderThan({ asked, wanted }: JobState, turn: number): number {
  const older = asked.filter(({ since }) => since < turn).reduce((sum, { workers }) => sum + workers, 0);
  return Math.min(wanted, older);
}

/** What holds after every step. */
function watcher(): (bench: Bench) => void {
  let seen = 0;
  const shown = new Shown();
  const turns = new Turns();
  return (bench) => {
    shown.check(bench);
    checkQueues(bench);
    for (const [index, { seq }] of bench.events.slice(seen).entries()) expect(seq).toBe(seen + index + 1);
    checkLimits(bench, seen);
    checkSharedLimits(bench, seen);
    checkDisks(bench, seen);
    turns.check(bench, seen);
    for (const { worker } of bench.events.slice(seen))
      expect(
        bench.memory.unwritten.workers.has(worker ?? ''),
        'what moved is written with the next event',
      ).toBe(false);
    seen = bench.events.length;
    // Of the gates that keep what they hold back only those of places for several jobs let some through.
    for (const job of bench.state.jobs.values())
      if (Math.min(job.pending, job.wanted) > 0)
        expect(['farm', 'limit', 'disk']).toContain(
          firstClosed(ALL_GATES, bench.world(), job, job.wanted)?.name,
        );
  };
}

describe('whatever happens, in whatever order, with crashes in between', () => {
  it('the journal tells the state, from any snapshot on, and snapshots are whole', () => {
    fc.assert(
      fc.property(happenings, (all) => {
        const chaos = new Chaos(watcher());
        const { bench } = chaos;
        for (const each of all) {
          chaos.happen(each);
          const { unwritten } = bench.memory;
          const state = written(bench.state, unwritten);
          expect(written(restored(bench.snapshot, bench.journal), unwritten)).toBe(state);
        }
        for (const { snapshot, line } of chaos.checkpoints)
          expect(written(restored(snapshot, bench.journal.slice(line)), bench.memory.unwritten)).toBe(
            written(bench.state, bench.memory.unwritten),
          );
        const again = fromSnapshot(JSON.parse(bench.snapshotNow()));
        expect(canonical(toSnapshot(again))).toBe(canonical(toSnapshot(bench.state)));
        expect(again.index).toEqual(bench.state.index);
      }),
      RUNS,
    );
  });

  it('every worker ends once, every plot counts once, every named event starts its workers once', () => {
    fc.assert(
      fc.property(happenings, (all) => {
        const chaos = new Chaos(watcher());
        const { bench } = chaos;
        for (const each of all) chaos.happen(each);
        chaos.windDown();

        const started = bench.of('worker_started').map(({ worker }) => worker);
        const ended = [...bench.of('worker_end'), ...bench.of('worker_dismissed')].map(
          ({ worker }) => worker,
        );
        expect(ended.sort()).toEqual([...started].sort());
        expect([...bench.farm.history].sort()).toEqual([...started].sort());
        expect(new Set(bench.farm.cleaned)).toEqual(new Set(started));

        const plots = bench.farm.processes.filter(({ kind, exit }) => kind === 'plotter' && exit?.plot);
        expect(bench.state.plots_done).toBe(plots.length);
        for (const [kind, type] of [
          ['pre', 'pre_process_started'],
          ['plotter', 'plotter_started'],
          ['post', 'post_process_started'],
        ] as const)
          expect(bench.of(type)).toHaveLength(
            bench.farm.processes.filter((each) => each.kind === kind).length,
          );

        const ofFirst = [...bench.of('worker_started'), ...bench.of('worker_end')].filter(
          ({ job }) => job === 'first',
        );
        const fired = bench.fired().filter((name) => name === 'next');
        expect(fired).toHaveLength(ofFirst.length);
        expect(bench.of('worker_started').filter(({ job }) => job === 'second')).toHaveLength(fired.length);

        const elsewhere = bench.of('event_fired').filter(({ target }) => target === 'rig2');
        expect(new Set(bench.farm.elsewhere.map(({ id }) => id))).toEqual(
          new Set(elsewhere.map(({ id }) => id)),
        );
        expect(bench.state.remote_fires.size).toBe(0);

        expect(chaos.tickets.filter((ticket) => !bench.answers.has(ticket))).toEqual([]);
        expect(bench.memory.unwritten).toEqual({ runs: new Map(), workers: new Map() });
        expect(bench.state.runs.size).toBe(0);
        expect(bench.state.definitions.size).toBe(0);
      }),
      RUNS,
    );
  });
});
