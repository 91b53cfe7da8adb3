import { mkdirSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Effect } from '../../engine/effects.ts';
import type { Exited, Input, ProcessExit } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { type Exit, lostExit } from '../../process/exit.ts';
import { type ProcessKind, processFiles } from '../../process/files.ts';
import { find, type Launched } from '../../process/find.ts';
import { launch } from '../../process/launch.ts';
import { lastLines } from '../../process/tail.ts';
import { WrapperStock } from '../../process/wrapper-stock.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import type { OnTrouble } from '../../util/until-known.ts';
import type { SteadyClock } from '../clock.ts';
import type { Allowance } from '../commands/allowed-directories.ts';
import { workerDirectory } from '../worker-directory/paths.ts';
import { finalPlot } from './find-final-plot.ts';
import { type CommandPlace, launchSpec } from './launch-spec.ts';
import { LogLimit, logBytes, MAX_LOG_BYTES } from './log-limit.ts';
import { LogReaders } from './log-readers.ts';
import { preparePlotter, recordWorker } from './prepare-worker.ts';
import { type LiveProcess, ProcessSignals } from './process-signals.ts';

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

/** The processes of all workers: started, found again, followed, suspended and ended as the engine asks. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #live = new Map<string, LiveProcess>();
  readonly #logs: LogReaders;
  readonly #wrappers: WrapperStock;
  readonly #logLimit: LogLimit;
  readonly #signals: ProcessSignals;
  /** Whom to tell that what became of a worker can't be read now: the daemon comes up without it. */
  readonly #finding = new Map<string, () => void>();
  #stopped = false;

  constructor(options: ProcessesOptions) {
    this.#options = options;
    const { dataDir, directory } = options;
    this.#logs = new LogReaders(options);
    this.#wrappers = new WrapperStock({ dir: join(dataDir, 'waiting'), cwd: directory });
    this.#signals = new ProcessSignals({ live: (id) => this.#live.get(id), take: options.take });
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
      if (
        again &&
        !this.#signals.isUnwanted(worker) &&
        this.#options.putOff({ type: 'run', worker: id, kind })
      )
        return;
      const dir = this.#directory(id);
      // At once: this disk is ours and there, and a plotter is waited for. A temporary one may be neither.
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      if (kind !== 'post') recordWorker(worker, dir, this.#options);
      if (kind === 'plotter') await preparePlotter(worker, dir, this.#options);
      // A crash, or the disks, may have come between the wish to start it and one to stop it.
      if (this.#signals.isUnwanted(worker)) throw new Error('dismissed before it was started');
      const spec = launchSpec(worker, kind, dir, this.#options);
      const launched = await launch({ ...spec, stock: this.#wrappers, onTrouble: this.#trouble(worker) });
      this.#attach(worker, kind, launched, false);
    } catch (error) {
      // A disk that takes neither directory, claim nor log is no failure of the plotter: it is waited for.
      if (!this.#signals.isUnwanted(worker) && this.#options.postpone({ type: 'run', worker: id, kind }))
        return;
      const message = messageOf(error);
      this.#signals.endTold(id);
      this.#options.take({ type: 'launch_failed', worker: id, kind, message });
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
    if (this.#signals.isToStop(worker.id)) this.terminate(worker.id, worker.spec.stop_grace_s);
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
    await this.#signals.nothingLeft(worker, kind, launched);
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
    this.#signals.endTold(worker.id);
  }

  /** The rest of a plotter's log, and the plot that it names. */
  async #lastOf(worker: WorkerState, exit: Exit): Promise<Exited['plot']> {
    const wait = { worker, onTrouble: this.#trouble(worker) };
    const said = await this.#logs.finish(worker, wait);
    if (this.#stopped || exit.code !== 0) return null;
    const say = (problem: string) => this.#options.log.warn(problem);
    return finalPlot(this.#options.state, wait, { own: this.#directory(worker.id), said, say });
  }

  #exitOf({ code, lost, endedWith, endedAt, endedUptime }: Exit): ProcessExit {
    const ended_at = this.#options.clock.at(endedUptime, endedAt);
    return { code, lost, ended_at, ...(endedWith && { ended_with: endedWith }) };
  }

  /** See `ProcessSignals`. */
  suspend(id: string): void {
    this.#signals.suspend(id);
  }

  resume(id: string): void {
    this.#signals.resume(id);
  }

  /** Ends a worker's process; one that is just being started is told again when it has. */
  terminate(id: string, graceSeconds: number): void {
    this.#signals.terminate(id, graceSeconds);
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
    this.#signals.stop();
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
