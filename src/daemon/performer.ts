import type { Effect } from '../engine/effects.ts';
import type { Input } from '../engine/inputs.ts';
import { willRemovePlot } from '../engine/room.ts';
import type { State } from '../engine/state.ts';
import { oldestPlots, removePlot } from '../host/plots.ts';
import type { History } from '../storage/history.ts';
import { messageOf } from '../util/errors.ts';
import type { Logger } from '../util/log.ts';
import { cleanUp } from './cleanup.ts';
import { probeStart } from './probing.ts';
import type { Processes } from './processes.ts';
import type { Wakes } from './wakes.ts';

/** The history is tried again so often where its disk is full. */
const HISTORY_RETRY_MS = 30_000;

export interface PerformerOptions {
  state: State;
  dataDir: string;
  processes: Processes;
  wakes: Wakes;
  history: History;
  /** Takes secrets out of an error: a plotter may have said its own arguments. */
  mask(text: string): string;
  take(input: Input): void;
  log: Logger;
}

/** Does what the engine asks for and reports back. */
export class Performer {
  readonly #options: PerformerOptions;
  /** Work that was asked for when the daemon came up; `null` once everything is found again. */
  #recovering: Promise<void>[] | null = [];
  /** Whether this daemon has written the history: before, an earlier one may have died between line and record. */
  #historyKnown = false;
  /** Choices of old plots happen one after the other, so that no two workers choose the same. */
  #choosing: Promise<void> = Promise.resolve();

  constructor(options: PerformerOptions) {
    this.#options = options;
  }

  /** Resolves when all workers that were there at the start are found again, or their end is told. */
  async recovered(): Promise<void> {
    const found = this.#recovering ?? [];
    this.#recovering = null;
    await Promise.all(found);
  }

  perform(effect: Effect): void {
    const { state, dataDir, processes, wakes, take } = this.#options;
    switch (effect.type) {
      case 'probe':
        void probeStart(effect, state).then((facts) => take({ type: 'probed', job: effect.job, facts }));
        return;
      case 'run': {
        const run = processes.run(effect.worker, effect.kind, this.#recovering !== null);
        this.#recovering?.push(run);
        return;
      }
      case 'terminate':
        return processes.terminate(effect.worker, effect.grace_s);
      case 'suspend':
        return processes.suspend(effect.worker);
      case 'resume':
        return processes.resume(effect.worker);
      case 'replot_find':
        this.#choosing = this.#choosing.then(() => this.#findPlot(effect));
        return;
      case 'replot_remove':
        void this.#removePlot(effect);
        return;
      case 'cleanup':
        void cleanUp(dataDir, effect.worker, effect.temp_dirs, effect.keep_logs).then((problem) =>
          take({ type: 'cleaned', worker: effect.worker, problem }),
        );
        return;
      case 'history':
        return this.#writeHistory();
      case 'wake':
        return wakes.set(effect.key, effect.at);
      default:
        effect satisfies never;
    }
  }

  async #findPlot(effect: Extract<Effect, { type: 'replot_find' }>): Promise<void> {
    const { state, take, log } = this.#options;
    const chosen = new Set<string>();
    for (const worker of state.workers.values())
      if (worker.replot && willRemovePlot(worker)) chosen.add(worker.replot.file);
    try {
      const options = { before: new Date(effect.before), count: chosen.size + 1 };
      const plots = await oldestPlots(effect.directory, options);
      const plot = plots.find(({ file }) => !chosen.has(file)) ?? null;
      take({ type: 'replot_found', worker: effect.worker, plot });
    } catch (error) {
      log.warn(`old plots can't be looked for: ${messageOf(error)}`);
      take({ type: 'replot_found', worker: effect.worker, plot: null });
    }
  }

  async #removePlot(effect: Extract<Effect, { type: 'replot_remove' }>): Promise<void> {
    const { state, take } = this.#options;
    const size = state.workers.get(effect.worker)?.replot?.size ?? 0;
    const removal = await removePlot(effect.directory, effect.file, { size });
    const gone = removal.outcome === 'removed' || removal.outcome === 'missing';
    take({ type: 'replot_removed', worker: effect.worker, problem: gone ? null : removal.reason });
  }

  /** Lines stay in the state until they are in the file; after a crash none comes twice. */
  #writeHistory(): void {
    const { state, history, mask, take, wakes, log } = this.#options;
    if (state.history.size === 0) return;
    try {
      const written = this.#historyKnown ? new Set<string>() : history.hasRecent(state.history.keys());
      const missing = [...state.history].filter(([worker]) => !written.has(worker));
      const lines = missing.map(([, line]) => ({
        ...line,
        error: line.error === null ? null : mask(line.error),
      }));
      const bytes = history.append(lines.map((line) => JSON.stringify(line)));
      this.#historyKnown = true;
      take({ type: 'history_written', workers: [...state.history.keys()], bytes });
    } catch (error) {
      log.error(`history.jsonl can't be written, its lines are kept: ${messageOf(error)}`);
      wakes.set('history:', Date.now() + HISTORY_RETRY_MS);
    }
  }
}
