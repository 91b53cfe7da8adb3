import type { Input } from '../../engine/inputs.ts';
import type { ProcessRef } from '../../engine/model/process-ref.ts';
import type { RunState } from '../../engine/model/run-state.ts';
import type { ProcessKind } from '../../process/files.ts';
import type { Launched } from '../../process/find.ts';
import type { StopSignal } from '../../process/group.ts';
import { noteFinish } from '../worker-directory/finish-note.ts';
import type { ProcessSubject } from './launch-spec.ts';

/** A process that runs now, and of which run it is. */
export interface LiveProcess extends ProcessRef {
  run: string;
  launched: Launched;
}

/** Under which a process is found: a run's plotter and its first worker's post-command have one owner. */
export function keyOf({ owner, kind }: ProcessRef): string {
  return `${owner} ${kind}`;
}

export interface ProcessSignalsOptions {
  /** A process, if it runs. */
  live(process: ProcessRef): LiveProcess | undefined;
  /** With which signals a run's process is ended; the usual ones where nothing is said. */
  stopSignals(run: string, kind: ProcessKind): readonly StopSignal[] | undefined;
  take(input: Input): void;
}

/** Suspends, resumes and ends the processes of runs and workers, and knows which are not wanted any more. */
export class ProcessSignals {
  readonly #options: ProcessSignalsOptions;
  /** Processes that are being stopped, until nothing of their process group is left. */
  readonly #endings = new Map<string, Promise<void>>();
  /** Processes that are to be stopped, whether or not that is written down yet. */
  readonly #unwanted = new Set<string>();
  /** What a process was last told: SIGSTOP or SIGCONT. */
  readonly #signals = new Map<string, NodeJS.Signals>();
  #stopped = false;

  constructor(options: ProcessSignalsOptions) {
    this.#options = options;
  }

  isUnwanted({ dismissed }: Pick<RunState, 'dismissed'>, process: ProcessRef): boolean {
    return dismissed || this.isToStop(process);
  }

  /** Whether it was to be stopped since it was asked for; dismissed or not. */
  isToStop(process: ProcessRef): boolean {
    return this.#unwanted.has(keyOf(process));
  }

  /** The end of a process, or that it could not be started, is told. */
  endTold(process: ProcessRef): void {
    this.#unwanted.delete(keyOf(process));
  }

  /** Suspends a run's plotter: pre- and post-commands run to their end, and what is being stopped could not obey. */
  suspend(run: string): void {
    const plotter = { owner: run, kind: 'plotter' } as const;
    if (!this.#endings.has(keyOf(plotter))) this.#signal(plotter, 'SIGSTOP');
  }

  resume(run: string): void {
    this.#signal({ owner: run, kind: 'plotter' }, 'SIGCONT');
  }

  /** Asks a run's plotter to end after the plot that it makes. What refuses is said as of other signals. */
  async finish(live: LiveProcess, dir: string, signal: NodeJS.Signals): Promise<void> {
    // A crash in between would cost it the signal: it is stopped when its next plot begins then.
    const mayNow = () => !this.#stopped && !this.#endings.has(keyOf(live)) && noteFinish(dir, signal);
    const refused = await live.launched.group.signalInnermost(signal, mayNow);
    if (refused !== null && !this.#stopped) this.#options.take({ type: 'refused', run: live.run, refused });
  }

  /** What takes a while ends early where another signal has come in between. */
  #signal(process: ProcessRef, signal: 'SIGSTOP' | 'SIGCONT'): void {
    const live = this.#options.live(process);
    if (!live) return;
    const key = keyOf(process);
    this.#signals.set(key, signal);
    const still = () => this.#signals.get(key) === signal;
    const { group } = live.launched;
    const sent = signal === 'SIGSTOP' ? group.suspend(still) : group.resume(still);
    void sent.then((refused) => {
      if (still()) this.#options.take({ type: 'refused', run: live.run, refused });
    });
  }

  /** Ends a process; one that is just being started is told again when it has. */
  terminate(process: ProcessRef, graceSeconds: number): void {
    const live = this.#options.live(process);
    this.#unwanted.add(keyOf(process));
    if (live) void this.#end(live, graceSeconds);
  }

  /**
   * A plotter may live longer than the shell that started it: nothing of it may write on beside the next plot. What
   * pre- and post-commands leave in the background goes on, unless the worker is stopped.
   */
  async nothingLeft(
    { run, worker }: ProcessSubject,
    process: ProcessRef,
    launched: Launched | null,
  ): Promise<void> {
    const key = keyOf(process);
    const { kind } = process;
    const stopped_for = kind === 'post' ? worker.post?.stopped_for : run.stopped_for;
    const all = this.isUnwanted(run, process) || (stopped_for ?? null) !== null || kind === 'plotter';
    if (all && launched !== null && !this.#stopped) {
      const live = { ...process, run: run.id, launched };
      await (this.#endings.get(key) ?? this.#end(live, run.spec.stop_grace_s));
      this.#endings.delete(key);
    }
    this.#signals.delete(key);
  }

  #end(live: LiveProcess, graceSeconds: number): Promise<void> {
    const key = keyOf(live);
    this.#signals.delete(key);
    const signals = this.#options.stopSignals(live.run, live.kind);
    const ending = live.launched.group.terminate(graceSeconds * 1000, signals).then((refused) => {
      if (refused !== null && !this.#stopped) this.#options.take({ type: 'refused', run: live.run, refused });
    });
    this.#endings.set(key, ending);
    return ending;
  }

  /** What is refused from now on nobody is told. */
  stop(): void {
    this.#stopped = true;
  }
}
