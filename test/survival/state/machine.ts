import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { EngineEvent } from '../../../src/contract/events.ts';
import { restoreState } from '../../../src/daemon/restoring/restore.ts';
import { markEnded, writeWorkerRecord } from '../../../src/daemon/worker-directory/worker-record.ts';
import type { Effect } from '../../../src/engine/effects.ts';
import { freshMemory, step } from '../../../src/engine/engine.ts';
import type { EngineCommand, Input, SeenPlot } from '../../../src/engine/inputs.ts';
import type { Memory } from '../../../src/engine/memory.ts';
import { stateFormat, toSnapshot } from '../../../src/engine/model/snapshot.ts';
import { newestOf, runOf, type State, workerOfPlot, workersOf } from '../../../src/engine/model/state.ts';
import type { WorkerState } from '../../../src/engine/model/worker-state.ts';
import type { Surroundings } from '../../../src/engine/surroundings.ts';
import { definitionOf, planOf, plotFile } from '../../../src/engine/working/stages.ts';
import { type Timer, timerKey } from '../../../src/engine/timer.ts';
import { plotsInLog } from '../../../src/plotters/plots-in-log.ts';
import { type ProcessKind, processFiles } from '../../../src/process/files.ts';
import { type History, openHistory } from '../../../src/storage/history.ts';
import { type Journal, openJournal } from '../../../src/storage/journal/journal.ts';
import type { Logger } from '../../../src/util/log.ts';
import type { Random } from '../support/random.ts';
import { JOBS, SETTINGS } from './jobs.ts';
import { claimText, keyOf, type Truth } from './world.ts';

export interface MachineOptions {
  dir: string;
  truth: Truth;
  random: Random;
  log: Logger;
}

type Work = Exclude<Effect, { type: 'wake' }>;

/** A daemon with the real engine and the real files; only its processes are made up. */
export class Machine {
  readonly state: State;
  readonly problems: readonly string[];
  /** What this daemon has told. */
  readonly events: EngineEvent[] = [];
  /** What was begun a second time. */
  readonly repeated: string[] = [];
  readonly outstanding: Work[] = [];
  readonly #options: MachineOptions;
  readonly #journal: Journal;
  readonly #memory: Memory;
  readonly #surroundings: Surroundings;
  readonly #history: History;
  readonly #wakes = new Map<string, { timer: Timer; at: number }>();
  #historyKnown = false;
  #recovering = true;
  #tickets = 0;

  private constructor(
    options: MachineOptions,
    journal: Journal,
    restored: { state: State; problems: string[] },
    surroundings: Surroundings,
  ) {
    this.#options = options;
    this.#journal = journal;
    this.state = restored.state;
    this.problems = restored.problems;
    this.#memory = freshMemory(SETTINGS);
    this.#surroundings = surroundings;
    this.#history = openHistory(join(options.dir, 'history.jsonl'));
  }

  /** Reads the state as the daemon does when it starts, and does nothing yet. */
  static async boot(options: MachineOptions): Promise<Machine> {
    const { dir, truth, random, log } = options;
    truth.daemons += 1;
    const hex = () => random.between(0, 0xffffffff).toString(16).padStart(8, '0');
    const surroundings: Surroundings = {
      now: () => truth.now,
      steady: () => truth.now,
      slept: () => 0,
      timescale: () => null,
      random: hex,
      start: `${hex()}${truth.daemons}`,
      dateOf: (at) => new Date(at).toISOString().slice(0, 10),
    };
    const journal = openJournal(dir, { ...stateFormat, log, now: () => new Date(truth.now) });
    const restored = await restoreState({
      dataDir: dir,
      found: journal,
      journal,
      settings: SETTINGS,
      jobs: JOBS,
      ...surroundings,
      clock: { now: () => truth.now, at: (_uptime, clock) => clock, goOn: () => {} },
      newInstance: () => hex() + hex().slice(4),
      log,
    });
    return new Machine(options, journal, restored, surroundings);
  }

  /** Comes up: live workers are found again, then config.yaml counts. */
  comeUp(): void {
    this.take({ type: 'recover' });
    this.settle();
    this.#recovering = false;
    this.take({ type: 'configured', jobs: JOBS });
    this.take({ type: 'startup' });
  }

  take(input: Input): void {
    const outcome = step(this.state, this.#memory, this.#surroundings, input);
    if (outcome.entry) this.#journal.append(outcome.entry, { flush: false });
    for (const event of outcome.entry?.e ?? []) {
      this.events.push(event);
      this.#options.truth.seq = Math.max(this.#options.truth.seq, event.seq);
    }
    for (const effect of outcome.effects)
      if (effect.type !== 'wake') this.outstanding.push(effect);
      else if (effect.at === null) this.#wakes.delete(timerKey(effect.timer));
      else this.#wakes.set(timerKey(effect.timer), { timer: effect.timer, at: effect.at });
  }

  command(command: EngineCommand): void {
    this.#tickets += 1;
    this.take({ type: 'command', ticket: this.#tickets, command });
  }

  /** Does what is asked for, at most so many things. */
  settle(most = 10_000): void {
    for (let left = most; left > 0; left -= 1) {
      const work = this.outstanding.shift();
      if (!work) return;
      for (const input of this.#perform(work)) this.take(input);
    }
  }

  /** Time goes by. */
  pass(ms: number): void {
    const { truth } = this.#options;
    truth.now += ms;
    for (const [key, { timer, at }] of [...this.#wakes])
      if (at <= truth.now) {
        this.#wakes.delete(key);
        this.take({ type: 'wake', timers: [timer] });
      }
  }

  /** As a daemon does whose journal has grown. */
  compact(): void {
    this.#journal.compact(toSnapshot(this.state));
  }

  /** Bytes of its journal. */
  size(): number {
    return this.#journal.size();
  }

  /** A clean stop. */
  stop(): void {
    this.compact();
    this.#journal.close();
  }

  /** The daemon is killed. */
  kill(): void {
    this.#journal.close();
  }

  /** The daemon is killed just when lines are in the history, and nothing says yet that they are. */
  killInHistory(): void {
    this.#writeHistory();
    this.kill();
  }

  /** A plotter says a line; a daemon that lives hears it. */
  say(worker: WorkerState, line: string, heard: boolean): void {
    const { log } = processFiles(this.#directory(worker.run), 'plotter');
    if (!existsSync(this.#directory(worker.run))) return;
    // A damage may have put a directory in its place.
    if (statSync(log, { throwIfNoEntry: false })?.isDirectory() === true) return;
    appendFileSync(log, `${line}\n`);
    if (heard) this.#hear(worker);
  }

  #hear(worker: WorkerState): void {
    const { log } = processFiles(this.#directory(worker.run), 'plotter');
    // A damage may have put a directory in its place.
    if (statSync(log, { throwIfNoEntry: false })?.isFile() !== true) return;
    const bytes = readFileSync(log);
    const run = runOf(this.state, worker);
    const reader = plotsInLog(definitionOf(this.state, worker));
    const plan = planOf(definitionOf(this.state, worker));
    const own = (nth: number) => (run.plots === 1 ? 1 : nth);
    const innermost = (nth: number) =>
      plan.leaves[workerOfPlot(this.state, run.id, own(nth))?.leaf ?? -1]?.id ?? null;
    let offset = 0;
    for (const line of bytes.toString('latin1').split('\n').slice(0, -1)) {
      offset += line.length + 1;
      const { nth, signals } = reader.parse(line, innermost);
      if (offset <= run.log_offset || signals.length === 0) continue;
      this.take({ type: 'log', run: run.id, offset, nth: own(nth), signals });
    }
  }

  /** Whose process it is. */
  subjectOf(owner: string, kind: ProcessKind): WorkerState | undefined {
    return kind === 'post' ? this.state.workers.get(owner) : newestOf(this.state, owner);
  }

  /** A process ends; a daemon that lives is told. */
  exit(id: string, kind: ProcessKind, code: number, told: boolean): void {
    endProcess(this.#options, id, kind, code);
    if (told) for (const input of this.#ended(id, kind)) this.take(input);
  }

  #directory(worker: string): string {
    return join(this.#options.dir, 'workers', worker);
  }

  #perform(work: Work): Input[] {
    switch (work.type) {
      case 'probe': {
        const directories = work.directories.map((wanted) => ({
          ...wanted,
          problem: null,
          device: 'disk',
          free_bytes: 1e15,
          old_plots: [],
          filesystem: null,
        }));
        return [
          {
            type: 'probed',
            job: work.job,
            facts: { wanted: work.directories, directories, old_plots: new Map(), used: new Map() },
          },
        ];
      }
      case 'run':
        return this.#run(work.owner, work.kind);
      case 'terminate': {
        const { owner, kind } = work;
        if (!this.#running(owner, kind)) return [];
        endProcess(this.#options, owner, kind, 143);
        return this.#ended(owner, kind);
      }
      case 'cleanup':
        for (const id of new Set([work.worker, work.run])) {
          if (id === work.run && !work.last) continue;
          markEnded(this.#directory(id));
          // Now and then a directory can't be removed.
          if (this.#options.random.next() < 0.9)
            rmSync(this.#directory(id), { recursive: true, force: true });
        }
        return [{ type: 'cleaned', worker: work.worker, problem: null, last: work.last }];
      case 'record_worker': {
        const worker = this.state.workers.get(work.worker);
        if (worker) this.#record(worker, worker.id);
        return [];
      }
      case 'look_at_plot': {
        const worker = this.state.workers.get(work.worker);
        if (!worker) return [];
        const placed = worker.final_file !== null;
        return [{ type: 'plot_seen', worker: worker.id, plot: this.#seen(worker), placed }];
      }
      case 'history':
        return this.#writeHistory();
      case 'look_at_room': {
        const { worker, directory, message } = work;
        return [{ type: 'room_seen', worker, directory, message, free_bytes: 0 }];
      }
      case 'look_at_growth':
        return [
          { type: 'growth_seen', worker: work.worker, mark: String(this.#options.random.between(0, 1)) },
        ];
      case 'fire_elsewhere':
        return work.fire === null ? [] : [{ type: 'fired_elsewhere', id: work.id }];
      case 'suspend':
      case 'finish':
      case 'resume':
      case 'replot_find':
      case 'replot_remove':
      case 'look_through':
      case 'survey':
      case 'make_room':
      case 'transfer':
      case 'stop_transfer':
      case 'locate_transfer':
      case 'suspend_transfer':
      case 'resume_transfer':
      case 'forget_transfer':
        return [];
      default:
        return work satisfies never;
    }
  }

  #running(worker: string, kind: ProcessKind): boolean {
    return this.#options.truth.processes.get(keyOf(worker, kind))?.running ?? false;
  }

  /** As `launch` and `find` do: what was begun is followed, nothing is begun twice. */
  #run(id: string, kind: ProcessKind): Input[] {
    const { truth } = this.#options;
    const worker = this.subjectOf(id, kind);
    if (worker?.step !== kind || worker.held) return [];
    const files = processFiles(this.#directory(id), kind);
    const known = truth.processes.get(keyOf(id, kind));
    const run = runOf(this.state, worker);
    const told = kind === 'post' ? worker.post !== null : run.process?.kind === kind;
    const begun = existsSync(files.claim) || existsSync(files.exit) || told;
    if (begun && known?.running) {
      this.take({ type: 'launched', owner: id, kind, pid: 1, recovered: this.#recovering });
      if (kind === 'plotter') this.#hear(worker);
      return [];
    }
    if (begun) return this.#ended(id, kind);
    if (known) this.repeated.push(keyOf(id, kind));
    if (run.dismissed) return [{ type: 'launch_failed', owner: id, kind, message: 'dismissed' }];
    truth.processes.set(keyOf(id, kind), {
      worker: id,
      kind,
      running: true,
      launches: (known?.launches ?? 0) + 1,
      code: 0,
    });
    mkdirSync(this.#directory(id), { recursive: true });
    if (kind !== 'post') this.#record(worker, id);
    writeFileSync(files.log, '');
    writeFileSync(files.claim, claimText(id, true));
    writeFileSync(files.exit, '    \n');
    return [{ type: 'launched', owner: id, kind, pid: 1, recovered: false }];
  }

  #record(worker: WorkerState, id: string): void {
    const { instance, seq } = this.state;
    const [run, definition] = [runOf(this.state, worker), definitionOf(this.state, worker)];
    mkdirSync(this.#directory(id), { recursive: true });
    const data_dir = this.#options.dir;
    writeWorkerRecord(this.#directory(id), { instance, seq, data_dir, run, worker, definition });
  }

  /** Of several plots those are there that their plotter has put in their place. */
  #seen(worker: WorkerState): SeenPlot {
    const file = plotFile(this.state, worker) ?? '';
    const there = this.#options.truth.placed.get(worker.run)?.includes(file);
    return { file, problem: there ? null : 'it is not there', bytes: 1 };
  }

  #ended(id: string, kind: ProcessKind): Input[] {
    const worker = this.subjectOf(id, kind);
    if (!worker) return [];
    if (kind === 'plotter' && worker.step === 'plotter') this.#hear(worker);
    const known = this.#options.truth.processes.get(keyOf(id, kind));
    const code = known?.code ?? null;
    const file = plotFile(this.state, worker);
    const exit = { code, lost: code === null, ended_at: this.#options.truth.now };
    const plot =
      kind === 'plotter' && file !== null
        ? { file, problem: code === 0 ? null : 'it is not there', bytes: 1 }
        : null;
    if (kind !== 'plotter' || runOf(this.state, worker).plots === 1)
      return [{ type: 'exited', owner: id, kind, exit, plot, tail: [] }];
    const older = new Map(workersOf(this.state, id).map((each) => [each.id, this.#seen(each)]));
    return [{ type: 'exited', owner: id, kind, exit, plot: this.#seen(worker), older, tail: [] }];
  }

  #writeHistory(): Input[] {
    const { history } = this.state;
    if (history.size === 0) return [];
    const written = this.#historyKnown ? new Set<string>() : this.#history.hasRecent(history.keys());
    const lines = [...history].filter(([key]) => !written.has(key)).map(([, line]) => JSON.stringify(line));
    const bytes = this.#history.append(lines);
    this.#historyKnown = true;
    return [{ type: 'history_written', workers: [...history.keys()], bytes }];
  }
}

/** A process ends, whether a daemon lives or not. */
export function endProcess(
  { dir, truth }: Pick<MachineOptions, 'dir' | 'truth'>,
  id: string,
  kind: ProcessKind,
  code: number,
): void {
  const known = truth.processes.get(keyOf(id, kind));
  if (!known?.running) return;
  Object.assign(known, { running: false, code });
  const files = processFiles(join(dir, 'workers', id), kind);
  // A damage may have put a directory in a file's place.
  const isThere = (file: string) => statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  if (isThere(files.claim)) writeFileSync(files.claim, claimText(id, false));
  if (isThere(files.exit)) writeFileSync(files.exit, `${String(code).padEnd(4)}\n`);
}
