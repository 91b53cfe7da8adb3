import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import { NO_REPLOT_PACE } from '../moving/pace.ts';
import { NO_ENERGY } from './energy.ts';
import { FREE_FARM } from './farm-state.ts';
import type { HistoryLine } from './history-line.ts';
import { type Index, newIndex } from './index-runs.ts';
import type { JobState } from './job-state.ts';
import type { KeptEvent } from './kept-event.ts';
import type { LeftJob } from './left-job.ts';
import type { Meta } from './meta.ts';
import type { MoveState } from './move-state.ts';
import type { Pace } from './pace.ts';
import type { Produced } from './produced.ts';
import type { RemoteFire } from './remote-fire.ts';
import type { RunState } from './run-state.ts';
import type { StartedIn } from './started-in.ts';
import type { TimerState } from './timer-state.ts';
import type { Made, TransferState } from './transfer-state.ts';
import type { WorkerState } from './worker-state.ts';
import type { Written } from './written.ts';

/** Everything that must outlive the daemon. */
export interface State extends Meta {
  /** Number of the last event. */
  seq: number;
  jobs: Map<string, JobState>;
  runs: Map<string, RunState>;
  workers: Map<string, WorkerState>;
  timers: Map<string, TimerState>;
  definitions: Map<string, PlotterDefinition>;
  paces: Map<string, Pace>;
  /** Plots, by file, made since the plotter started that has run longest: none of them is another worker's. */
  produced: Map<string, Produced>;
  /** By directory: for some of those in which a worker has started, the last ones at any rate. */
  started_in: Map<string, StartedIn>;
  /** Jobs that left config.yaml, by id: they may come back. */
  left: Map<string, LeftJob>;
  /** By directory, what plots have come to there in the last seven days. */
  written: Map<string, Written>;
  /** The entries of `moves`, by id, and the plots that they have in hand. */
  moves: Map<string, MoveState>;
  transfers: Map<string, TransferState>;
  /** Plots that were made here last, by their file's name. */
  made: Map<string, Made>;
  /** Lines that may not be in history.jsonl yet. */
  history: Map<string, HistoryLine>;
  /** Named events for other daemons that no broker has acknowledged yet, oldest first, by the id of their event. */
  remote_fires: Map<string, RemoteFire>;
  /**
   * Transactions of named events fired from outside, oldest first: a second event of one does nothing. With the number
   * of the last event before it.
   */
  fire_transactions: Map<string, number>;
  /** Events that no broker has acknowledged yet, oldest first. */
  unacked: KeptEvent[];
  /** Which run has which slot, and which workers; kept by `applyChange`, never written down. */
  index: Index;
}

/** The state of a machine on which nothing ever ran. */
export function emptyState(instance: string): State {
  return {
    instance,
    seq: 0,
    acked: 0,
    dropped: 0,
    plots_done: 0,
    timescale: null,
    day: { date: '', plots: 0 },
    recent_plots: [],
    farm: { ...FREE_FARM },
    energy: NO_ENERGY,
    left_credit: {},
    left_starts: {},
    matched: {},
    sequences: {},
    replot_pace: NO_REPLOT_PACE,
    history_bytes: null,
    jobs: new Map(),
    runs: new Map(),
    workers: new Map(),
    timers: new Map(),
    definitions: new Map(),
    paces: new Map(),
    produced: new Map(),
    started_in: new Map(),
    left: new Map(),
    written: new Map(),
    moves: new Map(),
    transfers: new Map(),
    made: new Map(),
    history: new Map(),
    remote_fires: new Map(),
    fire_transactions: new Map(),
    unacked: [],
    index: newIndex(),
  };
}

/** The runs of one job, by slot. */
export function runsOf(state: State, job: string): RunState[] {
  return [...(state.index.slots.get(job)?.values() ?? [])].sort((a, b) => a.slot - b.slot);
}

/** How many runs a job has now: what its limits count (contract, section 12). */
export function runCount(state: State, job: string): number {
  return state.index.slots.get(job)?.size ?? 0;
}

/** The run that has a slot of a job. */
export function runIn(state: State, job: string, slot: number): RunState | undefined {
  return state.index.slots.get(job)?.get(slot);
}

/** The run of a worker. Throws where its record is lost: who mends a state makes it whole first. */
export function runOf(state: State, worker: Pick<WorkerState, 'id' | 'run'>): RunState {
  const run = state.runs.get(worker.run);
  if (!run) throw new Error(`worker ${worker.id}: its run is lost`);
  return run;
}

/** The workers of a run that have not ended, in the order of its plots. */
export function workersOf(state: State, run: string): WorkerState[] {
  return [...(state.index.workers.get(run)?.values() ?? [])].sort((a, b) => a.nth - b.nth);
}

/** The worker whose plot a run's process makes now, or made last: the one that its slot shows. */
export function newestOf(state: State, run: string): WorkerState | undefined {
  let newest: WorkerState | undefined;
  for (const worker of state.index.workers.get(run)?.values() ?? [])
    if (newest === undefined || worker.nth > newest.nth) newest = worker;
  return newest;
}

/** The worker that makes a run's plot of this number, from 1 on; nobody, where that has ended or not begun. */
export function workerOfPlot(state: State, run: string, nth: number): WorkerState | undefined {
  for (const worker of state.index.workers.get(run)?.values() ?? []) if (worker.nth === nth) return worker;
  return undefined;
}

/** Whether a worker's plot is given up on request, or since its run ends early: that is no failure. */
export function isDismissed(state: State, worker: Pick<WorkerState, 'id' | 'run' | 'dismissed'>): boolean {
  return worker.dismissed || runOf(state, worker).dismissed;
}

/** How many plots a run will still begin. */
export function plotsToCome(state: State, run: RunState): number {
  if (run.dismissed || run.is_over || run.stopped_for !== null) return 0;
  const newest = newestOf(state, run.id);
  return newest === undefined ? 0 : Math.max(0, (run.ends_after ?? run.plots) - newest.nth);
}

/** Plots that a job makes now, and those that its runs will still begin: what `plots_to_do` counts. */
export function plotsInHand(state: State, job: string): number {
  let plots = 0;
  for (const run of state.index.slots.get(job)?.values() ?? [])
    plots += (state.index.workers.get(run.id)?.size ?? 0) + plotsToCome(state, run);
  return plots;
}

/** Every worker of a job. */
export function workersOfJob(state: State, job: string): WorkerState[] {
  return runsOf(state, job).flatMap(({ id }) => workersOf(state, id));
}
