import { type CountedLine, isWorkersEnd } from '../../storage/history.ts';

/** What a job has made and lost. */
export interface JobCount {
  plots: number;
  failed: number;
}

/** How many plots there were at some moment, of all jobs and of each. */
export interface Counts {
  plots_done: number;
  jobs: ReadonlyMap<string, JobCount>;
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
  /** Of each job since its last reset. */
  jobs: Map<string, JobCount>;
  last: Map<string, LastPlot>;
  /** Every worker that has a line: it has ended. */
  ended: Set<string>;
}

const NO_PLOTS: JobCount = { plots: 0, failed: 0 };
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
  if (line.result === 'reset') counted.jobs.set(job, NO_PLOTS);
  if (!isWorkersEnd(line) || counted.ended.has(line.worker)) return;
  counted.ended.add(line.worker);
  const { plots, failed } = counted.jobs.get(job) ?? NO_PLOTS;
  if (line.result === 'failed') counted.jobs.set(job, { plots, failed: failed + 1 });
  if (plot === null) return;
  counted.plots_done += 1;
  counted.jobs.set(job, { plots: plots + 1, failed });
  counted.last.set(job, { file: plot, at: Date.parse(ended_at) || 0 });
}
