import { statSync } from 'node:fs';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import type { Input } from '../../engine/inputs.ts';
import type { RunState } from '../../engine/model/run-state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { planOf } from '../../engine/working/stages.ts';
import { compileParser, type Parser } from '../../plotters/parser.ts';
import type { Signal } from '../../plotters/signal.ts';
import type { StagePlan } from '../../plotters/stages.ts';
import { type Follower, follow } from '../../process/follow.ts';

/** What a log has said of the plot. */
export type SaidOfPlot = Partial<Pick<WorkerState, 'plot_name' | 'final_file' | 'plot_bytes'>>;

/** What a log is about. */
export interface PlotInLog {
  definition: PlotterDefinition;
  /** The innermost stage in which the run's newest plot is, as the state knows it. */
  leafNow(): number;
}

/** Follows a plotter's log, and tells the engine what its lines say. */
export class LogReader {
  readonly #follower: Follower;
  readonly #run: RunState;
  readonly #leafNow: () => number;
  readonly #parser: Parser;
  readonly #plan: StagePlan;
  readonly #take: (input: Input) => void;
  /** What it has said of the plot's name, which the worker's state may not have yet: that waits for its disk. */
  said: SaidOfPlot = {};
  /** Up to this byte the log was read by an earlier daemon: it is read again, but told only to the parser. */
  #replayTo: number;
  /** Where the plot is by what was read here, which may be ahead of the worker's state too. */
  #leaf = -1;

  constructor(path: string, run: RunState, { definition, leafNow }: PlotInLog, take: (input: Input) => void) {
    this.#run = run;
    this.#leafNow = leafNow;
    this.#parser = compileParser(definition);
    this.#plan = planOf(definition);
    this.#take = take;
    // A log that is shorter than that was truncated meanwhile: all that is in it is new.
    this.#replayTo = sizeOf(path, run.log_offset) < run.log_offset ? 0 : run.log_offset;
    this.#follower = follow(path, { onLines: (lines, _end, ends) => this.#read(lines, ends) });
  }

  /** Takes in what is there now; with `final`, also a last line without an end. */
  drain(options: { final?: boolean } = {}): Promise<void> {
    return this.#follower.drain(options);
  }

  close(): void {
    this.#follower.close();
  }

  #read(lines: string[], ends: number[]): void {
    for (const [index, line] of lines.entries()) {
      const offset = ends[index] ?? 0;
      if (offset <= this.#replayTo) {
        this.#parse(line, this.#leaf);
        continue;
      }
      this.#replayTo = -1;
      const signals = this.#parse(line, Math.max(this.#leaf, this.#leafNow()));
      if (signals.length === 0) continue;
      this.#take({ type: 'log', run: this.#run.id, offset, signals });
    }
  }

  /** What a line says while the plot is in this innermost stage. */
  #parse(line: string, leaf: number): readonly Signal[] {
    const signals = this.#parser.parse(line, this.#plan.leaves[leaf]?.id ?? null);
    for (const signal of signals) {
      this.#leaf = Math.max(this.#leaf, this.#leafOf(signal));
      if (signal.type === 'plot_name') this.said = { ...this.said, plot_name: signal.name };
      if (signal.type === 'final_file') this.said = { ...this.said, final_file: signal.file };
      if (signal.type === 'plot_size') this.said = { ...this.said, plot_bytes: signal.bytes };
    }
    return signals;
  }

  #leafOf(signal: Signal): number {
    if (signal.type === 'enter' || signal.type === 'inside') return this.#plan.indexOf(signal.stage);
    if (signal.type === 'leave')
      return Math.min(this.#plan.lastIndexOf(signal.stage) + 1, this.#plan.leaves.length - 1);
    return -1;
  }
}

/** Length of a log in bytes; where its disk doesn't say now, as it was known before. */
function sizeOf(path: string, before: number): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return before;
  }
}
