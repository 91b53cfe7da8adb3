import type { Input } from '../../engine/inputs.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import type { ProcessKind } from '../../process/files.ts';
import type { Launched } from '../../process/find.ts';

/** A worker's process that runs now. */
export interface LiveProcess {
  kind: ProcessKind;
  launched: Launched;
}

export interface ProcessSignalsOptions {
  /** The process of a worker, if one runs. */
  live(worker: string): LiveProcess | undefined;
  take(input: Input): void;
}

/** Suspends, resumes and ends the processes of workers, and knows which are not wanted any more. */
export class ProcessSignals {
  readonly #options: ProcessSignalsOptions;
  /** Workers that are being stopped, until nothing of their process group is left. */
  readonly #endings = new Map<string, Promise<void>>();
  /** Workers that are to be stopped, whether or not that is written down yet. */
  readonly #unwanted = new Set<string>();
  /** What a worker's process was last told: SIGSTOP or SIGCONT. */
  readonly #signals = new Map<string, NodeJS.Signals>();
  #stopped = false;

  constructor(options: ProcessSignalsOptions) {
    this.#options = options;
  }

  isUnwanted({ id, dismissed }: Pick<WorkerState, 'id' | 'dismissed'>): boolean {
    return dismissed || this.#unwanted.has(id);
  }

  /** Whether it was to be stopped since its process was asked for; dismissed or not. */
  isToStop(id: string): boolean {
    return this.#unwanted.has(id);
  }

  /** The end of a worker's process, or that none could be started, is told: the next one is wanted again. */
  endTold(id: string): void {
    this.#unwanted.delete(id);
  }

  /** Suspends a worker's plotter: pre- and post-commands run to their end, and what is being stopped could not obey. */
  suspend(id: string): void {
    if (this.#options.live(id)?.kind === 'plotter' && !this.#endings.has(id)) this.#signal(id, 'SIGSTOP');
  }

  resume(id: string): void {
    this.#signal(id, 'SIGCONT');
  }

  /** What takes a while ends early where another signal has come in between. */
  #signal(id: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    const { launched } = this.#options.live(id) ?? {};
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
    const live = this.#options.live(id);
    this.#unwanted.add(id);
    if (live) void this.#end(id, live.launched, graceSeconds);
  }

  /**
   * A plotter may live longer than the shell that started it: nothing of it may write on beside the next plot. What
   * pre- and post-commands leave in the background goes on, unless the worker is stopped.
   */
  async nothingLeft(worker: WorkerState, kind: ProcessKind, launched: Launched | null): Promise<void> {
    const { id, stopped_for, spec } = worker;
    const all = this.isUnwanted(worker) || stopped_for !== null || kind === 'plotter';
    if (all && launched !== null && !this.#stopped) {
      await (this.#endings.get(id) ?? this.#end(id, launched, spec.stop_grace_s));
      this.#endings.delete(id);
    }
    this.#signals.delete(id);
  }

  #end(id: string, { group }: Launched, graceSeconds: number): Promise<void> {
    this.#signals.delete(id);
    const ending = group.terminate(graceSeconds * 1000).then((refused) => {
      if (refused !== null && !this.#stopped) this.#options.take({ type: 'refused', worker: id, refused });
    });
    this.#endings.set(id, ending);
    return ending;
  }

  /** What is refused from now on nobody is told. */
  stop(): void {
    this.#stopped = true;
  }
}
