import { mkdirSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Effect } from '../../engine/effects.ts';
import type { Input, ProcessExit } from '../../engine/inputs.ts';
import type { ProcessRef } from '../../engine/model/process-ref.ts';
import type { RunState } from '../../engine/model/run-state.ts';
import { newestOf, runOf, type State } from '../../engine/model/state.ts';
import { endedWell } from '../../engine/working/ended-well.ts';
import { definitionOfRun } from '../../engine/working/stages.ts';
import { type Exit, lostExit } from '../../process/exit.ts';
import { type ProcessKind, processFiles } from '../../process/files.ts';
import { find, type Launched } from '../../process/find.ts';
import type { StopSignal } from '../../process/group.ts';
import { launch } from '../../process/launch.ts';
import { lastLines } from '../../process/tail.ts';
import { WrapperStock } from '../../process/wrapper-stock.ts';
import { messageOf } from '../../util/errors.ts';
import type { Logger } from '../../util/log.ts';
import type { OnTrouble } from '../../util/until-known.ts';
import type { SteadyClock } from '../clock.ts';
import type { Allowance } from '../commands/allowed-directories.ts';
import { workerDirectory } from '../worker-directory/paths.ts';
import { type CommandPlace, launchSpec, type ProcessSubject } from './launch-spec.ts';
import { LogLimit, logBytes, MAX_LOG_BYTES } from './log-limit.ts';
import { LogReaders } from './log-readers.ts';
import { LooksAtPlots, NO_PLOT } from './looks-at-plots.ts';
import { preparePlotter, recordWorker } from './prepare-worker.ts';
import { keyOf, type LiveProcess, ProcessSignals } from './process-signals.ts';

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

/** The processes of all runs and workers: started, found again, followed, suspended and ended as the engine asks. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #live = new Map<string, LiveProcess>();
  readonly #logs: LogReaders;
  readonly #wrappers: WrapperStock;
  readonly #logLimit: LogLimit;
  readonly #signals: ProcessSignals;
  readonly #plots: LooksAtPlots;
  /** Whom to tell that what became of a worker can't be read now: the daemon comes up without it. */
  readonly #finding = new Map<string, () => void>();
  #stopped = false;

  constructor(options: ProcessesOptions) {
    this.#options = options;
    const { dataDir, directory } = options;
    this.#logs = new LogReaders(options);
    this.#plots = new LooksAtPlots({ ...options, logs: this.#logs, trouble: (run) => this.#trouble(run) });
    this.#wrappers = new WrapperStock({ dir: join(dataDir, 'waiting'), cwd: directory });
    this.#signals = new ProcessSignals({
      live: (process) => this.#live.get(keyOf(process)),
      stopSignals: (run, kind) => this.#stopSignals(run, kind),
      take: options.take,
    });
    this.#logLimit = new LogLimit(
      () => [...this.#live.values()].map((live) => [live, this.#files(live).log] as const),
      ({ owner, kind }, bytes) => options.take({ type: 'overflowed', owner, kind, bytes }),
    );
  }

  /**
   * Starts a process, or finds the one that was started before; resolves when that is known and told, or can't be known
   * for now. `again`: the daemon was restarted since it was asked for first.
   */
  async run({ owner, kind }: ProcessRef, again: boolean): Promise<void> {
    const process = { owner, kind };
    const subject = this.#subjectOf(process);
    if (!subject) return;
    const unknown = new Promise<void>((resolve) => this.#finding.set(owner, resolve));
    await Promise.race([unknown, this.#run(subject, process, again)]);
    this.#finding.delete(owner);
  }

  /** Whose process it is; nobody's, where that has ended. */
  #subjectOf({ owner, kind }: ProcessRef): ProcessSubject | null {
    const { state } = this.#options;
    const worker = kind === 'post' ? state.workers.get(owner) : newestOf(state, owner);
    return worker ? { run: runOf(state, worker), worker } : null;
  }

  async #run(subject: ProcessSubject, process: ProcessRef, again: boolean): Promise<void> {
    const { run, worker } = subject;
    const { owner, kind } = process;
    const work = { type: 'run', owner, kind } as const;
    try {
      if (again && (await this.#findAgain(subject, process))) return;
      if (again && !this.#signals.isUnwanted(run, process) && this.#options.putOff(work)) return;
      const dir = this.#directory(owner);
      // At once: this disk is ours and there, and a plotter is waited for. A temporary one may be neither.
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      if (kind !== 'post') recordWorker(worker, dir, this.#options);
      if (kind === 'plotter') await preparePlotter(worker, dir, this.#options);
      // A crash, or the disks, may have come between the wish to start it and one to stop it.
      if (this.#signals.isUnwanted(run, process)) throw new Error('dismissed before it was started');
      const spec = {
        ...launchSpec(subject, kind, dir, this.#options),
        stopSignals: this.#stopSignals(run.id, kind),
      };
      const launched = await launch({ ...spec, stock: this.#wrappers, onTrouble: this.#trouble(owner) });
      this.#attach(subject, process, launched, false);
    } catch (error) {
      // A disk that takes neither directory, claim nor log is no failure of the plotter: it is waited for.
      if (!this.#signals.isUnwanted(run, process) && this.#options.postpone(work)) return;
      this.#signals.endTold(process);
      this.#options.take({ type: 'launch_failed', owner, kind, message: messageOf(error) });
    }
  }

  /** Whether the process was started before: it is then followed on, or its end is told. */
  async #findAgain(subject: ProcessSubject, process: ProcessRef): Promise<boolean> {
    const { run, worker } = subject;
    const { owner, kind } = process;
    const begun = kind === 'post' ? worker.post !== null : run.process?.kind === kind;
    const options = {
      graceMs: run.spec.stop_grace_s * 1000,
      stopSignals: this.#stopSignals(run.id, kind),
      begun,
      onTrouble: this.#trouble(owner),
    };
    const found = await find(this.#directory(owner), kind, options);
    if (found.state === 'running') {
      this.#attach(subject, process, found, true);
      if (kind === 'plotter') await this.#logs.drain(run);
      return true;
    }
    if (found.state === 'ended') {
      const { launched } = found;
      if (launched && !begun) {
        const started_at = this.#startOf(launched);
        const { pid } = launched;
        this.#options.take({ type: 'launched', owner, kind, pid, recovered: false, started_at });
      }
      await this.#ended(subject, process, launched ? found.exit : unclaimed(run, found.exit), launched);
      return true;
    }
    if (!begun) return false;
    // It was started, and nothing of it is left to tell how it went on.
    await this.#ended(subject, process, unclaimed(run, lostExit()), null);
    return true;
  }

  #attach(subject: ProcessSubject, process: ProcessRef, launched: Launched, recovered: boolean): void {
    const { run } = subject;
    const { owner, kind } = process;
    const key = keyOf(process);
    this.#live.set(key, { owner, kind, run: run.id, launched });
    this.#logLimit.watch();
    // What is said in its log may start another at any moment, and that is to be there at once.
    if (!this.#stopped) this.#wrappers.fillSoon();
    const input = { type: 'launched', owner, kind, pid: launched.pid, recovered } as const;
    this.#options.take(recovered ? { ...input, started_at: this.#startOf(launched) } : input);
    if (kind === 'plotter') this.#logs.follow(run);
    // It was stopped while it was being started, and that may not be written down yet.
    if (this.#signals.isToStop(process)) this.terminate(process, run.spec.stop_grace_s);
    void launched.exited.then((exit) => {
      if (this.#live.get(key)?.launched === launched) this.#live.delete(key);
      // Where nothing runs nothing waits either: who looks for what a worker left behind finds nothing.
      if (this.#live.size === 0) this.#wrappers.empty();
      return this.#ended(subject, process, exit, launched);
    });
  }

  #startOf({ startedUptime, startedAt }: Launched): number {
    return this.#options.clock.at(startedUptime, startedAt);
  }

  /** A process has ended: what it wrote last is read, and its plot looked at, before its end is told. */
  async #ended(
    subject: ProcessSubject,
    process: ProcessRef,
    exit: Exit,
    launched: Launched | null,
  ): Promise<void> {
    const { owner, kind } = process;
    await this.#signals.nothingLeft(subject, process, launched);
    if (this.#stopped) return;
    const { log } = this.#files(process);
    const bytes = logBytes(log);
    if (bytes > MAX_LOG_BYTES) this.#options.take({ type: 'overflowed', owner, kind, bytes });
    const well = kind === 'plotter' ? this.#endedWell(subject.run, exit) : exit.code === 0;
    const last = kind === 'plotter' ? await this.#plots.last(subject.run, well) : NO_PLOT;
    if (this.#stopped) return;
    const tail = well ? [] : lastLines(log, TAIL_LINES);
    this.#options.take({ type: 'exited', owner, kind, exit: this.#exitOf(exit), ...last, tail });
    this.#signals.endTold(process);
  }

  /** Whether the plot of a worker is in its place while its run goes on. */
  lookAtPlot(worker: string): Promise<void> {
    return this.#plots.whileRunning(worker);
  }

  /** Asks a run's plotter to end after its present plot, once: see `noteFinish`. */
  finish(run: string, signal: NodeJS.Signals): void {
    const live = this.#live.get(keyOf({ owner: run, kind: 'plotter' }));
    if (live) void this.#signals.finish(live, this.#directory(run), signal);
  }

  /** Notes what a worker was started with whose run has begun before it. */
  record(id: string): void {
    const worker = this.#options.state.workers.get(id);
    if (!worker) return;
    const dir = this.#directory(id);
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
    } catch (error) {
      return this.#options.log.warn(`worker ${id} has no directory of its own: ${messageOf(error)}`);
    }
    recordWorker(worker, dir, this.#options);
  }

  #endedWell(run: RunState, exit: Exit): boolean {
    return endedWell(definitionOfRun(this.#options.state, run), exit);
  }

  #exitOf({ code, lost, endedWith, endedAt, endedUptime }: Exit): ProcessExit {
    const ended_at = this.#options.clock.at(endedUptime, endedAt);
    return { code, lost, ended_at, ...(endedWith && { ended_with: endedWith }) };
  }

  /** See `ProcessSignals`. */
  suspend(run: string): void {
    this.#signals.suspend(run);
  }

  resume(run: string): void {
    this.#signals.resume(run);
  }

  /** Ends a process; one that is just being started is told again when it has. */
  terminate(process: ProcessRef, graceSeconds: number): void {
    this.#signals.terminate(process, graceSeconds);
  }

  /** A plotter is ended as it understands it. */
  #stopSignals(id: string, kind: ProcessKind): readonly StopSignal[] | undefined {
    const run = kind === 'plotter' ? this.#options.state.runs.get(id) : undefined;
    return run && definitionOfRun(this.#options.state, run).stop.signals;
  }

  #trouble(owner: string): OnTrouble {
    return (message) => {
      this.#options.log.warn(`worker ${owner} waits until this can be read: ${message}`);
      this.#finding.get(owner)?.();
    };
  }

  #directory(id: string): string {
    return workerDirectory(this.#options.dataDir, id);
  }

  #files({ owner, kind }: ProcessRef): ReturnType<typeof processFiles> {
    return processFiles(this.#directory(owner), kind);
  }

  /** Lets go of all processes, which go on. */
  stop(): void {
    this.#stopped = true;
    this.#signals.stop();
    this.#plots.stop();
    this.#logLimit.stop();
    this.#wrappers.empty();
    this.#logs.close();
  }
}

/** Of a process that left no claim only the run's own time tells whether the host was restarted since. */
function unclaimed(run: RunState, exit: Exit): Exit {
  const bootedAt = Date.now() - uptime() * 1000;
  return exit.lost && run.started_at < bootedAt ? { ...exit, endedWith: 'host' } : exit;
}
