import { statSync } from 'node:fs';
import type { PlotterDefinition } from '../config/schema/plotter.ts';
import type { Input } from '../engine/inputs.ts';
import { planOf } from '../engine/position.ts';
import type { WorkerState } from '../engine/state.ts';
import { compileParser, type Parser } from '../plotters/parser.ts';
import type { Signal } from '../plotters/signal.ts';
import type { StagePlan } from '../plotters/stages.ts';
import { type Follower, follow } from '../process/follow.ts';

/** Follows a plotter's log, and tells the engine what its lines say. */
export class LogReader {
  readonly #follower: Follower;
  readonly #worker: WorkerState;
  readonly #parser: Parser;
  readonly #plan: StagePlan;
  readonly #take: (input: Input) => void;
  /** Up to this byte the log was read by an earlier daemon: it is read again, but told only to the parser. */
  #replayTo: number;
  #replayLeaf = -1;

  constructor(
    path: string,
    worker: WorkerState,
    definition: PlotterDefinition,
    take: (input: Input) => void,
  ) {
    this.#worker = worker;
    this.#parser = compileParser(definition);
    this.#plan = planOf(definition);
    this.#take = take;
    // A log that is shorter than that was truncated meanwhile: all that is in it is new.
    this.#replayTo = sizeOf(path, worker.log_offset) < worker.log_offset ? 0 : worker.log_offset;
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
        this.#replay(line);
        continue;
      }
      this.#replayTo = -1;
      const signals = this.#parser.parse(line, this.#stage(this.#worker.leaf));
      if (signals.length === 0) continue;
      this.#take({ type: 'log', worker: this.#worker.id, offset, signals });
    }
  }

  #stage(leaf: number): string | null {
    return this.#plan.leaves[leaf]?.id ?? null;
  }

  #replay(line: string): void {
    for (const signal of this.#parser.parse(line, this.#stage(this.#replayLeaf)))
      this.#replayLeaf = Math.max(this.#replayLeaf, this.#leafOf(signal));
  }

  #leafOf(signal: Signal): number {
    if (signal.type === 'enter' || signal.type === 'inside') return this.#plan.indexOf(signal.stage);
    if (signal.type === 'leave') return this.#plan.lastIndexOf(signal.stage) + 1;
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
