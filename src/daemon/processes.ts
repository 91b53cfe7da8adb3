import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Input } from '../engine/inputs.ts';
import { definitionOf, plotFile } from '../engine/position.ts';
import type { State, WorkerState } from '../engine/state.ts';
import { fileBytes } from '../host/directories.ts';
import { expandCpus } from '../process/cpus.ts';
import type { Exit } from '../process/exit.ts';
import { type ProcessKind, processFiles } from '../process/files.ts';
import { find, type Launched } from '../process/find.ts';
import { launch } from '../process/launch.ts';
import { quoteForShell, snippetWithArguments } from '../process/snippet.ts';
import { lastLines } from '../process/tail.ts';
import { WrapperStock } from '../process/wrapper-stock.ts';
import { messageOf } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';
import { LogReader } from './log-reader.ts';
import { workerDirectory } from './paths.ts';
import { makeTempDirs } from './temp-dirs.ts';
import { writeWorkerRecord } from './worker-record.ts';

/** Lines of a process's output that go into the error of a worker that failed. */
const TAIL_LINES = 5;
/** So that the kernel, short of memory, takes a plotter before the daemon. */
const OOM_SCORE = 500;

export interface ProcessesOptions {
  state: State;
  dataDir: string;
  /** Where commands run: the directory of config.yaml. */
  directory: string;
  /** Comes first in the commands' PATH, so that `plot2mqtt` is a command there. */
  binDirectory: string;
  take(input: Input): void;
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
  readonly #readers = new Map<string, LogReader>();
  readonly #wrappers: WrapperStock;
  /** Workers that are being stopped, until nothing of their process group is left. */
  readonly #endings = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(options: ProcessesOptions) {
    this.#options = options;
    const { dataDir, directory } = options;
    this.#wrappers = new WrapperStock({ dir: join(dataDir, 'waiting'), cwd: directory });
  }

  /**
   * Starts a worker's process, or finds the one that was started before; resolves when that is known and told.
   * `again`: the daemon was restarted since it was asked for first.
   */
  async run(id: string, kind: ProcessKind, again: boolean): Promise<void> {
    const worker = this.#options.state.workers.get(id);
    if (!worker) return;
    try {
      if (again && (await this.#findAgain(worker, kind))) return;
      const dir = workerDirectory(this.#options.dataDir, id);
      // At once: this disk is ours and there, and a plotter is waited for. A temporary one may be neither.
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      if (kind !== 'post') this.#writeRecord(worker, dir);
      if (kind === 'plotter' && worker.spec.temp_dirs.length > 0) await makeTempDirs(worker.spec.temp_dirs);
      // A crash, or the making of directories, may have come between the wish to start it and one to stop it.
      if (worker.dismissed) throw new Error('dismissed before it was started');
      this.#attach(worker, kind, await launch(this.#launchSpec(worker, kind, dir)), false);
    } catch (error) {
      const message = messageOf(error);
      this.#options.take({ type: 'launch_failed', worker: id, kind, message });
    }
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
    const dir = workerDirectory(this.#options.dataDir, worker.id);
    const begun = worker.process !== null;
    const found = await find(dir, kind, { graceMs: worker.spec.stop_grace_s * 1000, begun });
    if (found.state === 'running') {
      this.#attach(worker, kind, found, true);
      await this.#readers.get(worker.id)?.drain();
      return true;
    }
    if (found.state === 'ended') {
      if (found.launched && worker.process === null)
        this.#options.take({
          type: 'launched',
          worker: worker.id,
          kind,
          pid: found.launched.pid,
          recovered: false,
          started_at: found.launched.startedAt,
        });
      await this.#ended(worker, kind, found.exit, found.launched);
      return true;
    }
    if (worker.process === null) return false;
    // It was started, and nothing of it is left to tell how it went on.
    await this.#ended(worker, kind, { code: null, lost: true, endedAt: Date.now() }, null);
    return true;
  }

  #attach(worker: WorkerState, kind: ProcessKind, launched: Launched, recovered: boolean): void {
    this.#live.set(worker.id, { kind, launched });
    // What is said in its log may start another at any moment, and that is to be there at once.
    if (!this.#stopped) this.#wrappers.fillSoon();
    const { pid, startedAt } = launched;
    const input = { type: 'launched', worker: worker.id, kind, pid, recovered } as const;
    this.#options.take(recovered ? { ...input, started_at: startedAt } : input);
    if (kind === 'plotter') this.#read(worker);
    void launched.exited.then((exit) => {
      if (this.#live.get(worker.id)?.launched === launched) this.#live.delete(worker.id);
      // Where nothing runs nothing waits either: who looks for what a worker left behind finds nothing.
      if (this.#live.size === 0) this.#wrappers.empty();
      return this.#ended(worker, kind, exit, launched);
    });
  }

  #read(worker: WorkerState): LogReader {
    const { state, dataDir, take } = this.#options;
    const present = this.#readers.get(worker.id);
    if (present) return present;
    const { log } = processFiles(workerDirectory(dataDir, worker.id), 'plotter');
    const reader = new LogReader(log, worker, definitionOf(state, worker), take);
    this.#readers.set(worker.id, reader);
    return reader;
  }

  /** A process has ended: what it wrote last is read before its end is told. */
  async #ended(worker: WorkerState, kind: ProcessKind, exit: Exit, launched: Launched | null): Promise<void> {
    await this.#nothingLeft(worker, kind, launched);
    if (this.#stopped) return;
    if (kind === 'plotter') {
      const reader = this.#read(worker);
      await reader.drain({ final: true });
      reader.close();
      this.#readers.delete(worker.id);
    }
    if (this.#stopped) return;
    const { code, lost, endedAt } = exit;
    const { log } = processFiles(workerDirectory(this.#options.dataDir, worker.id), kind);
    this.#options.take({
      type: 'exited',
      worker: worker.id,
      kind,
      exit: { code, lost, ended_at: endedAt },
      plot: kind === 'plotter' ? await this.#plotOf(worker) : null,
      tail: code === 0 ? [] : lastLines(log, TAIL_LINES),
    });
  }

  /**
   * A plotter may live longer than the shell that started it: nothing of it may write on beside the next plot. What
   * pre- and post-commands leave in the background goes on, unless the worker is stopped.
   */
  async #nothingLeft(worker: WorkerState, kind: ProcessKind, launched: Launched | null): Promise<void> {
    const { id, dismissed, spec } = worker;
    if (!(dismissed || kind === 'plotter') || launched === null || this.#stopped) return;
    await (this.#endings.get(id) ?? this.#end(id, launched, spec.stop_grace_s));
    this.#endings.delete(id);
  }

  async #plotOf(worker: WorkerState): Promise<{ file: string; exists: boolean } | null> {
    const file = plotFile(this.#options.state, worker);
    if (file === null) return null;
    const bytes = await fileBytes(file).catch(() => null);
    return { file, exists: bytes !== null };
  }

  #launchSpec(worker: WorkerState, kind: ProcessKind, dir: string): Parameters<typeof launch>[0] {
    const { spec } = worker;
    const plotter = kind === 'plotter';
    return {
      dir,
      kind,
      snippet: this.#snippet(worker, kind),
      words: plotter ? spec.words : [],
      env: this.#environment(worker, kind),
      cwd: this.#options.directory,
      graceMs: spec.stop_grace_s * 1000,
      oomScoreAdj: OOM_SCORE,
      stock: this.#wrappers,
      ...(plotter && spec.cpus !== null ? { cpus: expandCpus(spec.cpus) } : {}),
      ...(plotter && spec.nice !== null ? { nice: spec.nice } : {}),
    };
  }

  #snippet({ spec, plot }: WorkerState, kind: ProcessKind): string {
    switch (kind) {
      case 'pre':
        return spec.pre_command ?? '';
      case 'plotter':
        return snippetWithArguments(spec.command);
      case 'post':
        return (spec.post_command ?? '').replaceAll('%plot%', () => quoteForShell(plot ?? ''));
      default:
        return kind satisfies never;
    }
  }

  #environment(worker: WorkerState, kind: ProcessKind) {
    return {
      PATH: [this.#options.binDirectory, process.env.PATH ?? ''].join(delimiter),
      // `plot2mqtt` there runs on the same Node.js as here.
      PLOT2MQTT_NODE: process.execPath,
      PLOT2MQTT_JOB: worker.job,
      PLOT2MQTT_WORKER: worker.id,
      PLOT2MQTT_SLOT: String(worker.slot),
      PLOT2MQTT_DEST_DIR: worker.spec.dest_dir ?? '',
      ...(kind === 'post' ? { PLOT2MQTT_PLOT: worker.plot ?? '' } : {}),
    };
  }

  suspend(id: string): void {
    this.#live.get(id)?.launched.group.signal('SIGSTOP');
  }

  resume(id: string): void {
    this.#live.get(id)?.launched.group.signal('SIGCONT');
  }

  /** Ends a worker's process; one that is just being started is told again when it has. */
  terminate(id: string, graceSeconds: number): void {
    const live = this.#live.get(id);
    if (live) void this.#end(id, live.launched, graceSeconds);
  }

  #end(id: string, { group }: Launched, graceSeconds: number): Promise<void> {
    const ending = group.terminate(graceSeconds * 1000).catch((error: unknown) => {
      this.#options.log.error(`worker ${id} can't be stopped: ${messageOf(error)}`);
    });
    this.#endings.set(id, ending);
    return ending;
  }

  /** Lets go of all processes, which go on. */
  stop(): void {
    this.#stopped = true;
    this.#wrappers.empty();
    for (const reader of this.#readers.values()) reader.close();
  }
}
