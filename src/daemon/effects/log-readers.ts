import type { Input } from '../../engine/inputs.ts';
import type { State } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { definitionOf } from '../../engine/working/stages.ts';
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

  /** Follows a worker's log, if it isn't followed already. */
  follow(worker: WorkerState): LogReader {
    const present = this.#readers.get(worker.id);
    if (present) return present;
    const { log } = processFiles(workerDirectory(this.#dataDir, worker.id), 'plotter');
    const reader = new LogReader(log, worker, definitionOf(this.#state, worker), this.#take);
    this.#readers.set(worker.id, reader);
    return reader;
  }

  /** Takes in what is in a log now; nothing where it isn't followed. */
  async drain(worker: WorkerState): Promise<void> {
    await this.#readers.get(worker.id)?.drain();
  }

  /** Its plotter has ended: takes in the log to its end. Resolves with what it said of the plot. */
  async finish(worker: WorkerState, wait: ReadWait): Promise<SaidOfPlot> {
    const reader = this.follow(worker);
    await untilReadable(
      wait,
      () => reader.drain({ final: true }),
      () => undefined,
    );
    reader.close();
    this.#readers.delete(worker.id);
    return reader.said;
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.close();
  }
}
