import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import type { EngineEvent } from '../../contract/events.ts';
import type { JobState } from './job-state.ts';
import type { WorkerState } from './worker-state.ts';

/** A named event that has fired and waits for its delay. */
export interface TimerState {
  id: string;
  name: string;
  /** By the host's clock when it was asked for, milliseconds since 1970: holds where the steady scale began anew. */
  due: number;
  /** The same on the steady clock; timers of version 1 have none. */
  due_steady?: number;
  job: string | null;
  slot: number | null;
  worker: string | null;
}

/** A plot that a worker has made, and when: by the number of the last event before, since clocks may be set. */
export interface Produced {
  worker: string;
  seq: number;
}

/** How the steady clock goes on after a restart of the daemon. */
export interface Timescale {
  /** The run of the host, or of the container, in which it counts. */
  run: string;
  /** Its time when that run began, milliseconds. */
  base: number;
}

/** Mean seconds of each innermost stage on this machine, for one plotter, size and directory. */
export interface Pace {
  stages: Record<string, number>;
  /** When it was last measured, by the host's clock, milliseconds since 1970. */
  at: number;
}

/**
 * A line of history.jsonl (contract, section 7): a worker that has ended, or a job whose counts begin anew (`reset`,
 * without a worker).
 */
export interface HistoryLine {
  worker: string | null;
  job: string;
  slot: number | null;
  plotter: string | null;
  result: 'done' | 'failed' | 'dismissed' | 'reset';
  plot: string | null;
  started_at: string;
  ended_at: string;
  duration_s: number;
  error: string | null;
  /** The clock had been set back: this is how late it was before. */
  not_before?: string;
}

/** Everything that must outlive the daemon. */
export interface State {
  /** Random, made once; part of every unique id. */
  instance: string;
  /** Number of the last event. */
  seq: number;
  /** Events up to this one were acknowledged by a broker. */
  acked: number;
  /** Events given up because no broker took them in time. */
  dropped: number;
  /** Plots of all time. */
  plots_done: number;
  timescale: Timescale | null;
  /** Plots of one local day. */
  day: { date: string; plots: number };
  jobs: Map<string, JobState>;
  workers: Map<string, WorkerState>;
  timers: Map<string, TimerState>;
  definitions: Map<string, PlotterDefinition>;
  paces: Map<string, Pace>;
  /** Plots, by file, made since the plotter started that has run longest: none of them is another worker's. */
  produced: Map<string, Produced>;
  /** Lines that may not be in history.jsonl yet. */
  history: Map<string, HistoryLine>;
  /** By file system, as `replot_credit`: of jobs that are gone. */
  left_credit: Record<string, number[]>;
  /** Length of history.jsonl when it was last written, in bytes: what is behind that, this state doesn't know of. */
  history_bytes: number | null;
  /** Events that no broker has acknowledged yet, oldest first. */
  unacked: EngineEvent[];
  /** The same workers by job and slot; kept by `applyChange`, never written down. */
  slots: Map<string, Map<number, WorkerState>>;
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
    jobs: new Map(),
    workers: new Map(),
    timers: new Map(),
    definitions: new Map(),
    paces: new Map(),
    produced: new Map(),
    history: new Map(),
    left_credit: {},
    history_bytes: null,
    unacked: [],
    slots: new Map(),
  };
}

/** Puts a worker where `slots` has it. */
export function indexWorker(state: State, worker: WorkerState): void {
  const slots = state.slots.get(worker.job) ?? new Map<number, WorkerState>();
  if (slots.get(worker.slot) !== worker) state.slots.set(worker.job, slots.set(worker.slot, worker));
}

/** The workers of one job, by slot. */
export function workersOf(state: State, job: string): WorkerState[] {
  return [...(state.slots.get(job)?.values() ?? [])].sort((a, b) => a.slot - b.slot);
}

/** How many workers a job has now. */
export function workerCount(state: State, job: string): number {
  return state.slots.get(job)?.size ?? 0;
}
