import type { RunState } from '../model/run-state.ts';
import type { WorkerState } from '../model/worker-state.ts';

/** Time alone never moves the progress past this share of a stage. */
const TIME_STOPS_AT = 0.99;
/** Below this share of the plot too little has happened to tell its pace. */
const TOO_EARLY = 0.01;
/** A stage that takes longer than expected: its time left is looked at again so often. */
const LATE_LOOK_MS = 60_000;
/** A plot is whole only when its plotter has succeeded. */
const MOST_WITHOUT_PLOT = 0.999;

/** What progress is made of; part of a worker's state. Times in milliseconds on the steady clock, shares 0 to 1. */
export type ProgressCase = Pick<
  WorkerState,
  'leaf' | 'fraction' | 'moved_at' | 'floor' | 'plotter_started_at' | 'pace_from' | 'waiting' | 'plot'
> & { pace: Omit<WorkerState['pace'], 'key'> };

/** Since when its run is suspended. */
type Suspension = Pick<RunState, 'suspended_at'>;

/** Where a worker's plot is: share done, and when it will be finished (milliseconds on the steady clock). */
export interface Progress {
  share: number;
  eta: number | null;
  /** When time alone will bring the share to its next half percent, or the time left is worth another look. */
  next: number | null;
}

/**
 * A worker's own clock, which stands still while its run is suspended and while its plotter waits by itself (milliseconds on
 * the steady clock).
 */
export function clockOf(
  { suspended_at }: Suspension,
  { waiting }: Pick<WorkerState, 'waiting'>,
  at: number,
): number {
  return Math.min(at, suspended_at ?? at, waiting?.since ?? at);
}

function before(weights: number[], leaf: number): number {
  let sum = 0;
  for (let index = 0; index < leaf; index += 1) sum += weights[index] ?? 0;
  return sum;
}

/**
 * Progress from the log's last word, carried on by time: as long as the stage gives no line, the plot moves at
 * the pace of this machine's history, else at its own so far, never past the stage's end.
 */
export function progressAt(run: Suspension, worker: ProgressCase, at: number): Progress {
  if (worker.plot !== null) return { share: 1, eta: null, next: null };
  if (worker.plotter_started_at === null) return { share: 0, eta: null, next: null };
  const now = clockOf(run, worker, at);
  const leaf = Math.max(0, worker.leaf);
  const weight = worker.pace.weights[leaf] ?? 0;
  const base = before(worker.pace.weights, leaf);
  const told = Math.min(base + weight * worker.fraction, MOST_WITHOUT_PLOT);
  const total = totalMs(worker, told);
  if (total === null || worker.leaf < 0)
    return { share: Math.max(worker.floor, told), eta: null, next: null };
  const cap = Math.min(base + weight * Math.max(worker.fraction, TIME_STOPS_AT), MOST_WITHOUT_PLOT);
  const moved = told + Math.max(0, now - worker.moved_at) / total;
  const share = Math.max(worker.floor, Math.min(moved, cap));
  if (run.suspended_at !== null || worker.waiting !== null) return { share, eta: null, next: null };
  const eta = Math.max(worker.moved_at + (1 - told) * total, now + (1 - share) * total);
  const mark = (Math.floor(percentage(share) * 2) + 1) / 200;
  const next = moved < cap ? now + Math.max(1, (Math.min(mark, cap) - moved) * total) : now + LATE_LOOK_MS;
  return { share, eta, next };
}

/** How long the whole plot takes: as before on this machine, else at the pace so far. */
function totalMs(worker: ProgressCase, told: number): number | null {
  if (worker.pace.expected_s !== null) return worker.pace.expected_s * 1000;
  if (told < TOO_EARLY) return null;
  const spent = worker.moved_at - worker.pace_from;
  return spent > 0 ? spent / told : null;
}

/** A share as the percentage that is shown: one decimal, never rounded up to an end that isn't reached. */
export function percentage(share: number): number {
  return Math.floor(share * 1000 + 1e-9) / 10;
}
