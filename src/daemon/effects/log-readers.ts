import type { Input } from '../../engine/inputs.ts';
import type { RunState } from '../../engine/model/run-state.ts';
import { type State, workerOfPlot } from '../../engine/model/state.ts';
import { definitionOfRun } from '../../engine/working/stages.ts';
import { processFiles } from '../../process/files.ts';
import { workerDirectory } from '../worker-directory/paths.ts';
import { LogReader, type SaidOfPlot } from './log-reader.ts';
import { type ReadWait, untilReadable } from './until-readable.ts';

/** The logs of all plotters that run, each followed from its start to its end. */
export class LogReaders {
  readonly #state: State;
  readonly #dataDir: string;
  readonly #take: (input: Input) => void;
  readonly #readers = new Map<string, LogReader>();

  constructor({ state, dataDir, take }: { state: State; dataDir: string; take(input: Input): void }) {
    this.#state = state;
    this.#dataDir = dataDir;
    this.#take = take;
  }

  /** Follows a run's log, if it isn't followed already. */
  follow(run: RunState): LogReader {
    const present = this.#readers.get(run.id);
    if (present) return present;
    const { log } = processFiles(workerDirectory(this.#dataDir, run.id), 'plotter');
    const definition = definitionOfRun(this.#state, run);
    const leafNow = (nth: number) => workerOfPlot(this.#state, run.id, nth)?.leaf ?? -1;
    const reader = new LogReader(log, run, { definition, leafNow }, this.#take);
    this.#readers.set(run.id, reader);
    return reader;
  }

  /** Takes in what is in a log now; nothing where it isn't followed. */
  async drain(run: RunState): Promise<void> {
    await this.#readers.get(run.id)?.drain();
  }

  /** What a run's log has said of one of its plots, as far as it is followed. */
  said(run: string, nth: number): SaidOfPlot {
    return this.#readers.get(run)?.said(nth) ?? {};
  }

  /** Its plotter has ended: takes in the log to its end. Resolves with what it said of each plot. */
  async finish(run: RunState, wait: ReadWait): Promise<(nth: number) => SaidOfPlot> {
    const reader = this.follow(run);
    await untilReadable(
      wait,
      () => reader.drain({ final: true }),
      () => undefined,
    );
    reader.close();
    this.#readers.delete(run.id);
    return (nth) => reader.said(nth);
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.close();
  }
}
