import { type CountedLine, isWorkersEnd } from '../../storage/history.ts';

/** How many plots there were at some moment, of all jobs and of each. */
export interface Counts {
  plots_done: number;
  jobs: ReadonlyMap<string, number>;
}

/** The last plot of a job, as its history says. */
export interface LastPlot {
  file: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** What the lines of a history come to. */
export interface Recount {
  plots_done: number;
  /** Plots of each job since its last reset. */
  jobs: Map<string, number>;
  last: Map<string, LastPlot>;
  /** Every worker that has a line: it has ended. */
  ended: Set<string>;
}

export const NOTHING_COUNTED: Counts = { plots_done: 0, jobs: new Map() };

/**
 * Counts go on from `base` over the lines that were written after it, oldest first. A reset begins a job anew; a worker
 * counts once, however often its line is there.
 */
export function recount(base: Counts, lines: Iterable<CountedLine>): Recount {
  const counted: Recount = {
    plots_done: base.plots_done,
    jobs: new Map(base.jobs),
    last: new Map(),
    ended: new Set(),
  };
  for (const line of lines) take(counted, line);
  return counted;
}

function take(counted: Recount, line: CountedLine): void {
  const { job, plot, ended_at } = line;
  if (line.result === 'reset') counted.jobs.set(job, 0);
  if (!isWorkersEnd(line) || counted.ended.has(line.worker)) return;
  counted.ended.add(line.worker);
  if (plot === null) return;
  counted.plots_done += 1;
  counted.jobs.set(job, (counted.jobs.get(job) ?? 0) + 1);
  counted.last.set(job, { file: plot, at: Date.parse(ended_at) || 0 });
}
