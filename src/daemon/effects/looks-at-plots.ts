import { setTimeout as sleep } from 'node:timers/promises';
import type { Exited, Input, SeenPlot } from '../../engine/inputs.ts';
import type { RunState } from '../../engine/model/run-state.ts';
import { newestOf, runOf, type State, workersOf } from '../../engine/model/state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { saysInPlace } from '../../engine/working/in-place.ts';
import type { Logger } from '../../util/log.ts';
import type { OnTrouble } from '../../util/until-known.ts';
import { workerDirectory } from '../worker-directory/paths.ts';
import { finalPlot } from './find-final-plot.ts';
import type { SaidOfPlot } from './log-reader.ts';
import type { LogReaders } from './log-readers.ts';
import type { ReadWait } from './until-readable.ts';

/** A plot that its log says to be in its place, and isn't, is looked for so often, and so long after one another. */
const LOOKS = 20;
const LOOK_AGAIN_MS = 500;

/** The plots that a log names when its plotter has ended. */
export type LastPlots = Pick<Exited, 'plot' | 'older'>;
export const NO_PLOT: LastPlots = { plot: null };

export interface LooksAtPlotsOptions {
  state: State;
  dataDir: string;
  logs: LogReaders;
  /** Told what can't be read for more than a moment about a run. */
  trouble(run: string): OnTrouble;
  take(input: Input): void;
  log: Logger;
}

/** Looks whether plots are in their place: when their plotter has ended and, of several, while it goes on. */
export class LooksAtPlots {
  readonly #options: LooksAtPlotsOptions;
  #stopped = false;

  constructor(options: LooksAtPlotsOptions) {
    this.#options = options;
  }

  /** The rest of a plotter's log, and the plots that it names, of all workers that it had left. */
  async last(run: RunState, well: boolean): Promise<LastPlots> {
    const { state, logs } = this.#options;
    const said = await logs.finish(run, this.#waitFor(run));
    const newest = newestOf(state, run.id);
    if (this.#stopped || !newest) return NO_PLOT;
    const older = new Map<string, SeenPlot>();
    for (const worker of workersOf(state, run.id)) {
      if (worker === newest || worker.step !== 'plotter') continue;
      const plot = await this.#look(run, worker, said(worker.nth), well);
      if (plot) older.set(worker.id, plot);
    }
    return { plot: await this.#look(run, newest, said(newest.nth), well), older };
  }

  /** The plot of a worker whose run goes on; one that isn't there though its log says so is looked at again for a while. */
  async whileRunning(id: string): Promise<void> {
    const { state, logs, take } = this.#options;
    for (let tries = 1; !this.#stopped; tries += 1) {
      const worker = state.workers.get(id);
      if (worker?.step !== 'plotter') return;
      const run = runOf(state, worker);
      const said = logs.said(run.id, worker.nth);
      const placed = (worker.final_file ?? said.final_file ?? null) !== null;
      const plot = await this.#look(run, worker, said, false);
      // What its log hasn't said to be there may come at any time: its line is waited for.
      const waits = (plot?.problem ?? null) !== null && placed && tries < LOOKS;
      if (!waits && !this.#stopped) return take({ type: 'plot_seen', worker: id, plot, placed });
      await sleep(LOOK_AGAIN_MS, undefined, { ref: false });
    }
  }

  /** Of several plots some may be in their place, however their plotter has ended, or has not. */
  #look(run: RunState, worker: WorkerState, said: SaidOfPlot, well: boolean): Promise<SeenPlot | null> {
    const { state, log, dataDir } = this.#options;
    const say = (problem: string) => log.warn(problem);
    const isThere = well || (run.plots > 1 && saysInPlace(run, { ...worker, ...said }));
    const own = workerDirectory(dataDir, run.id);
    return finalPlot(state, worker, this.#waitFor(run), { own, said, say, well: isThere });
  }

  #waitFor(run: RunState): ReadWait {
    return { run, onTrouble: this.#options.trouble(run.id) };
  }

  /** Tells nothing more. */
  stop(): void {
    this.#stopped = true;
  }
}
