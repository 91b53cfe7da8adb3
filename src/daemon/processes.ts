import { mkdirSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { confinedDirectories } from '../engine/confined.ts';
import type { Effect } from '../engine/effects.ts';
import type { Exited, Input, ProcessExit } from '../engine/inputs.ts';
import { definitionOf } from '../engine/position.ts';
import type { State, WorkerState } from '../engine/state.ts';
import { type Exit, lostExit } from '../process/exit.ts';
import { type ProcessKind, processFiles } from '../process/files.ts';
import { find, type Launched } from '../process/find.ts';
import { launch } from '../process/launch.ts';
import { lastLines } from '../process/tail.ts';
import { WrapperStock } from '../process/wrapper-stock.ts';
import { messageOf } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';
import type { OnTrouble } from '../util/until-known.ts';
import { type Allowance, firstOutside, outsideMessage } from './allowed-directories.ts';
import type { SteadyClock } from './clock.ts';
import { finalPlot } from './final-plot.ts';
import { type CommandPlace, launchSpec } from './launch-spec.ts';
import { LogLimit, logBytes, MAX_LOG_BYTES } from './log-limit.ts';
import { LogReaders } from './log-readers.ts';
import { takePossession } from './ownership.ts';
import { workerDirectory } from './paths.ts';
import { writeWorkerRecord } from './worker-record.ts';

/** Lines of a process's output that go into the error of a worker that failed. */
const TAIL_LINES = 5;

export interface ProcessesOptions extends CommandPlace {
  state: State;
  dataDir: string;
  /** Inside what directories that arrived over MQTT must lie, as config.yaml says now. */
  allowance(): Allowance;
  clock: SteadyClock;
  take(input: Input): void;
  /** Whether work that starts something is put off: the state can't be written. */
  putOff(effect: Effect): boolean;
  /** Whether work that failed is put off: the disk of `dataDir` takes nothing, and it is asked for again. */
  postpone(effect: Effect): boolean;
  log: Logger;
}

interface Live {
  kind: ProcessKind;
  launched: Launched;
}

/** The processes of all workers: started, found again, followed, suspended and ended as the engine asks. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #live = new Map<string, Live>();
  readonly #logs: LogReaders;
  readonly #wrappers: WrapperStock;
  readonly #logLimit: LogLimit;
  /** Workers that are being stopped, until nothing of their process group is left. */
  readonly #endings = new Map<string, Promise<void>>();
  /** Workers that are to be stopped, whether or not that is written down yet. */
  readonly #unwanted = new Set<string>();
  /** What a worker's process was last told: SIGSTOP or SIGCONT. */
  readonly #signals = new Map<string, NodeJS.Signals>();
  /** Whom to tell that what became of a worker can't be read now: the daemon comes up without it. */
  readonly #finding = new Map<string, () => void>();
  #stopped = false;

  constructor(options: ProcessesOptions) {
    this.#options = options;
    const { dataDir, directory } = options;
    this.#logs = new LogReaders(options);
    this.#wrappers = new WrapperStock({ dir: join(dataDir, 'waiting'), cwd: directory });
    this.#logLimit = new LogLimit(
      () => [...this.#live].map(([id, { kind }]) => [id, this.#files(id, kind).log] as const),
      (worker, bytes) => this.#overflowed(worker, bytes),
    );
  }

  /**
   * Starts a worker's process, or finds the one that was started before; resolves when that is known and told, or
   * can't be known for now. `again`: the daemon was restarted since it was asked for first.
   */
  async run(id: string, kind: ProcessKind, again: boolean): Promise<void> {
    const worker = this.#options.state.workers.get(id);
    if (!worker) return;
    const unknown = new Promise<void>((resolve) => this.#finding.set(id, resolve));
    await Promise.race([unknown, this.#run(worker, kind, again)]);
    this.#finding.delete(id);
  }

  async #run(worker: WorkerState, kind: ProcessKind, again: boolean): Promise<void> {
    const { id } = worker;
    try {
      if (again && (await this.#findAgain(worker, kind))) return;
      if (again && !this.#isUnwanted(worker) && this.#options.putOff({ type: 'run', worker: id, kind }))
        return;
      const dir = this.#directory(id);
      // At once: this disk is ours and there, and a plotter is waited for. A temporary one may be neither.
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      if (kind !== 'post') this.#writeRecord(worker, dir);
      if (kind === 'plotter') await this.#prepare(worker, dir);
      // A crash, or the disks, may have come between the wish to start it and one to stop it.
      if (this.#isUnwanted(worker)) throw new Error('dismissed before it was started');
      const spec = launchSpec(worker, kind, dir, this.#options);
      const launched = await launch({ ...spec, stock: this.#wrappers, onTrouble: this.#trouble(worker) });
      this.#attach(worker, kind, launched, false);
    } catch (error) {
      // A disk that takes neither directory, claim nor log is no failure of the plotter: it is waited for.
      if (!this.#isUnwanted(worker) && this.#options.postpone({ type: 'run', worker: id, kind })) return;
      const message = messageOf(error);
      this.#unwanted.delete(id);
      this.#options.take({ type: 'launch_failed', worker: id, kind, message });
    }
  }

  #isUnwanted({ id, dismissed }: WorkerState): boolean {
    return dismissed || this.#unwanted.has(id);
  }

  /** Whatever a directory that arrived over MQTT was when the worker started: it counts what it leads to now. */
  async #prepare(worker: WorkerState, dir: string): Promise<void> {
    const { state, allowance } = this.#options;
    const outside = await firstOutside(allowance(), confinedDirectories(state, worker));
    if (outside !== null) throw new Error(outsideMessage(outside));
    const { temp_dirs, dest_dir } = worker.spec;
    await takePossession(dir, temp_dirs, dest_dir);
  }

  /** Should the state be lost, the worker is known by its directory. A full disk keeps no plotter from starting. */
  #writeRecord(worker: WorkerState, dir: string): void {
    const { state, dataDir, log } = this.#options;
    try {
      const { instance, seq } = state;
      const definition = definitionOf(state, worker);
      writeWorkerRecord(dir, { instance, seq, data_dir: dataDir, worker, definition });
    } catch (error) {
      log.warn(`worker ${worker.id} starts without a record in its directory: ${messageOf(error)}`);
    }
  }

  /** Whether the process was started before: it is then followed on, or its end is told. */
  async #findAgain(worker: WorkerState, kind: ProcessKind): Promise<boolean> {
    const begun = worker.process !== null;
    const options = { graceMs: worker.spec.stop_grace_s * 1000, begun, onTrouble: this.#trouble(worker) };
    const found = await find(this.#directory(worker.id), kind, options);
    if (found.state === 'running') {
      this.#attach(worker, kind, found, true);
      await this.#logs.drain(worker);
      return true;
    }
    if (found.state === 'ended') {
      const { launched } = found;
      if (launched && worker.process === null)
        this.#options.take({
          type: 'launched',
          worker: worker.id,
          kind,
          pid: launched.pid,
          recovered: false,
          started_at: this.#startOf(launched),
        });
      await this.#ended(worker, kind, launched ? found.exit : unclaimed(worker, found.exit), launched);
      return true;
    }
    if (worker.process === null) return false;
    // It was started, and nothing of it is left to tell how it went on.
    await this.#ended(worker, kind, unclaimed(worker, lostExit()), null);
    return true;
  }

  #attach(worker: WorkerState, kind: ProcessKind, launched: Launched, recovered: boolean): void {
    this.#live.set(worker.id, { kind, launched });
    this.#logLimit.watch();
    // What is said in its log may start another at any moment, and that is to be there at once.
    if (!this.#stopped) this.#wrappers.fillSoon();
    const input = { type: 'launched', worker: worker.id, kind, pid: launched.pid, recovered } as const;
    this.#options.take(recovered ? { ...input, started_at: this.#startOf(launched) } : input);
    if (kind === 'plotter') this.#logs.follow(worker);
    // It was stopped while it was being started, and that may not be written down yet.
    if (this.#unwanted.has(worker.id)) this.terminate(worker.id, worker.spec.stop_grace_s);
    void launched.exited.then((exit) => {
      if (this.#live.get(worker.id)?.launched === launched) this.#live.delete(worker.id);
      // Where nothing runs nothing waits either: who looks for what a worker left behind finds nothing.
      if (this.#live.size === 0) this.#wrappers.empty();
      return this.#ended(worker, kind, exit, launched);
    });
  }

  #startOf({ startedUptime, startedAt }: Launched): number {
    return this.#options.clock.at(startedUptime, startedAt);
  }

  /** A process has ended: what it wrote last is read, and its plot looked at, before its end is told. */
  async #ended(worker: WorkerState, kind: ProcessKind, exit: Exit, launched: Launched | null): Promise<void> {
    await this.#nothingLeft(worker, kind, launched);
    this.#signals.delete(worker.id);
    if (this.#stopped) return;
    const { log } = this.#files(worker.id, kind);
    const bytes = logBytes(log);
    if (bytes > MAX_LOG_BYTES) this.#options.take({ type: 'overflowed', worker: worker.id, kind, bytes });
    const plot = kind === 'plotter' ? await this.#lastOf(worker, exit) : null;
    if (this.#stopped) return;
    this.#options.take({
      type: 'exited',
      worker: worker.id,
      kind,
      exit: this.#exitOf(exit),
      plot,
      tail: exit.code === 0 ? [] : lastLines(log, TAIL_LINES),
    });
    this.#unwanted.delete(worker.id);
  }

  /** The rest of a plotter's log, and the plot that it names. */
  async #lastOf(worker: WorkerState, exit: Exit): Promise<Exited['plot']> {
    const patience = { worker, onTrouble: this.#trouble(worker) };
    const said = await this.#logs.finish(worker, patience);
    if (this.#stopped || exit.code !== 0) return null;
    const say = (problem: string) => this.#options.log.warn(problem);
    return finalPlot(this.#options.state, patience, { own: this.#directory(worker.id), said, say });
  }

  #exitOf({ code, lost, endedWith, endedAt, endedUptime }: Exit): ProcessExit {
    const ended_at = this.#options.clock.at(endedUptime, endedAt);
    return { code, lost, ended_at, ...(endedWith && { ended_with: endedWith }) };
  }

  /**
   * A plotter may live longer than the shell that started it: nothing of it may write on beside the next plot. What
   * pre- and post-commands leave in the background goes on, unless the worker is stopped.
   */
  async #nothingLeft(worker: WorkerState, kind: ProcessKind, launched: Launched | null): Promise<void> {
    const { id, stopped_for, spec } = worker;
    const all = this.#isUnwanted(worker) || stopped_for !== null || kind === 'plotter';
    if (!all || launched === null || this.#stopped) return;
    await (this.#endings.get(id) ?? this.#end(id, launched, spec.stop_grace_s));
    this.#endings.delete(id);
  }

  /** Suspends a worker's plotter: pre- and post-commands run to their end, and what is being stopped could not obey. */
  suspend(id: string): void {
    if (this.#live.get(id)?.kind === 'plotter' && !this.#endings.has(id)) this.#signal(id, 'SIGSTOP');
  }

  resume(id: string): void {
    this.#signal(id, 'SIGCONT');
  }

  /** What takes a while ends early where another signal has come in between. */
  #signal(id: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    const { launched } = this.#live.get(id) ?? {};
    if (!launched) return;
    this.#signals.set(id, signal);
    const still = () => this.#signals.get(id) === signal;
    const { group } = launched;
    const sent = signal === 'SIGSTOP' ? group.suspend(still) : group.resume(still);
    void sent.then((refused) => {
      if (still()) this.#options.take({ type: 'refused', worker: id, refused });
    });
  }

  /** Ends a worker's process; one that is just being started is told again when it has. */
  terminate(id: string, graceSeconds: number): void {
    const live = this.#live.get(id);
    this.#unwanted.add(id);
    if (live) void this.#end(id, live.launched, graceSeconds);
  }

  #end(id: string, { group }: Launched, graceSeconds: number): Promise<void> {
    this.#signals.delete(id);
    const ending = group.terminate(graceSeconds * 1000).then((refused) => {
      if (refused !== null && !this.#stopped) this.#options.take({ type: 'refused', worker: id, refused });
    });
    this.#endings.set(id, ending);
    return ending;
  }

  #overflowed(worker: string, bytes: number): void {
    const live = this.#live.get(worker);
    if (live) this.#options.take({ type: 'overflowed', worker, kind: live.kind, bytes });
  }

  #trouble({ id }: WorkerState): OnTrouble {
    return (message) => {
      this.#options.log.warn(`worker ${id} waits until this can be read: ${message}`);
      this.#finding.get(id)?.();
    };
  }

  #directory(id: string): string {
    return workerDirectory(this.#options.dataDir, id);
  }

  #files(id: string, kind: ProcessKind): ReturnType<typeof processFiles> {
    return processFiles(this.#directory(id), kind);
  }

  /** Lets go of all processes, which go on. */
  stop(): void {
    this.#stopped = true;
    this.#logLimit.stop();
    this.#wrappers.empty();
    this.#logs.close();
  }
}

/** Of a process that left no claim only the worker's own time tells whether the host was restarted since. */
function unclaimed(worker: WorkerState, exit: Exit): Exit {
  const bootedAt = Date.now() - uptime() * 1000;
  return exit.lost && worker.started_at < bootedAt ? { ...exit, endedWith: 'host' } : exit;
}
