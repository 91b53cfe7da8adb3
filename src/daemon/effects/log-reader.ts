import { statSync } from 'node:fs';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import type { Input } from '../../engine/inputs.ts';
import type { RunState } from '../../engine/model/run-state.ts';
import type { WorkerState } from '../../engine/model/worker-state.ts';
import { planOf } from '../../engine/working/stages.ts';
import { type LineOfPlot, type PlotsInLog, plotsInLog } from '../../plotters/plots-in-log.ts';
import type { Signal } from '../../plotters/signal.ts';
import type { StagePlan } from '../../plotters/stages.ts';
import { type Follower, follow } from '../../process/follow.ts';

/** What a log has said of a plot. */
export type SaidOfPlot = Partial<Pick<WorkerState, 'plot_name' | 'final_file' | 'plot_bytes'>>;

/** What a log is about. */
export interface PlotInLog {
  definition: PlotterDefinition;
  /** The innermost stage in which a plot of the run is, as the state knows it. */
  leafNow(nth: number): number;
}

/** Of so many plots it is remembered what was said: those before them have ended. */
const REMEMBERED = 64;

/** What was read here of a plot, which may be ahead of its worker's state. */
interface Read {
  leaf: number;
  said: SaidOfPlot;
}

/** Follows a plotter's log, and tells the engine what its lines say. */
export class LogReader {
  readonly #follower: Follower;
  readonly #run: RunState;
  readonly #leafNow: PlotInLog['leafNow'];
  readonly #log: PlotsInLog;
  readonly #plan: StagePlan;
  readonly #take: (input: Input) => void;
  /** By plot; the state may not have that yet: it waits for its disk. */
  readonly #read = new Map<number, Read>();
  /** Up to this byte the log was read by an earlier daemon: it is read again, but told only to the parser. */
  #replayTo: number;

  constructor(path: string, run: RunState, { definition, leafNow }: PlotInLog, take: (input: Input) => void) {
    this.#run = run;
    this.#leafNow = leafNow;
    this.#log = plotsInLog(definition);
    this.#plan = planOf(definition);
    this.#take = take;
    // A log that is shorter than that was truncated meanwhile: all that is in it is new.
    this.#replayTo = sizeOf(path, run.log_offset) < run.log_offset ? 0 : run.log_offset;
    this.#follower = follow(path, { onLines: (lines, _end, ends) => this.#hear(lines, ends) });
  }

  /** What the log has said of a plot of its run, from 1 on. */
  said(nth: number): SaidOfPlot {
    return this.#read.get(nth)?.said ?? {};
  }

  /** Takes in what is there now; with `final`, also a last line without an end. */
  drain(options: { final?: boolean } = {}): Promise<void> {
    return this.#follower.drain(options);
  }

  close(): void {
    this.#follower.close();
  }

  #hear(lines: string[], ends: number[]): void {
    for (const [index, line] of lines.entries()) {
      const offset = ends[index] ?? 0;
      if (offset <= this.#replayTo) {
        this.#parse(line, () => -1);
        continue;
      }
      this.#replayTo = -1;
      const { nth, signals } = this.#parse(line, this.#leafNow);
      if (signals.length === 0) continue;
      this.#take({ type: 'log', run: this.#run.id, offset, nth, signals });
    }
  }

  /** What a line says, and of which plot; `known`: where they are as the state knows it. */
  #parse(line: string, known: PlotInLog['leafNow']): LineOfPlot {
    const own = (nth: number) => (this.#run.plots === 1 ? 1 : nth);
    const innermost = (nth: number) => {
      const leaf = Math.max(this.#read.get(own(nth))?.leaf ?? -1, known(own(nth)));
      return this.#plan.leaves[leaf]?.id ?? null;
    };
    const parsed = this.#log.parse(line, innermost);
    // A run of one makes one, whatever its log says.
    const nth = own(parsed.nth);
    for (const signal of parsed.signals) this.#note(nth, signal);
    return { nth, signals: parsed.signals };
  }

  #note(nth: number, signal: Signal): void {
    const { leaf, said } = this.#read.get(nth) ?? { leaf: -1, said: {} };
    this.#read.set(nth, {
      leaf: Math.max(leaf, this.#leafOf(signal)),
      said: { ...said, ...saidBy(signal) },
    });
    this.#read.delete(nth - REMEMBERED);
  }

  #leafOf(signal: Signal): number {
    if (signal.type === 'enter' || signal.type === 'inside') return this.#plan.indexOf(signal.stage);
    if (signal.type === 'leave')
      return Math.min(this.#plan.lastIndexOf(signal.stage) + 1, this.#plan.leaves.length - 1);
    return -1;
  }
}

function saidBy(signal: Signal): SaidOfPlot {
  if (signal.type === 'plot_name') return { plot_name: signal.name };
  if (signal.type === 'final_file') return { final_file: signal.file };
  return signal.type === 'plot_size' ? { plot_bytes: signal.bytes } : {};
}

/** Length of a log in bytes; where its disk doesn't say now, as it was known before. */
function sizeOf(path: string, before: number): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return before;
  }
}
