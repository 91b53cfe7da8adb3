import type { JobDefinition } from '../../config/schema/job.ts';
import type { SettableField } from '../../contract/commands.ts';
import type { ArgumentValues } from '../../contract/names.ts';
import type { PlotterDefinition } from '../../config/schema/plotter.ts';
import type { Surrounds } from '../../host/pid-namespace.ts';
import type { ProcessKind } from '../../process/files.ts';
import type { BlockedReason, EngineEvent } from '../../contract/events.ts';

/** Who defines a job: config.yaml, or commands over MQTT. */
export type JobOwner = 'file' | 'mqtt';

/** Settings of config.yaml that commands may override until the file changes them (contract, section 2). */
export type FileSettings = Pick<JobDefinition, SettableField>;

/** What stays on a free slot of its last worker, if that one failed. */
export interface FailedSlot {
  worker: string;
  error: string;
}

/** A job as it stands. All times are by the host's clock, milliseconds since 1970. */
export interface JobState {
  id: string;
  owner: JobOwner;
  /** Effective definition: settings made by commands are in it. */
  definition: JobDefinition;
  /** What config.yaml said when it was last read; `null` for jobs made over MQTT. */
  file: FileSettings | null;
  /** The definition made over MQTT that a job of config.yaml with the same id hides. */
  hidden: JobDefinition | null;
  paused: boolean;
  plots_done: number;
  /** Consecutive failures. */
  failures: number;
  blocked: BlockedReason;
  /** Starts that a pause or a full disk holds back. */
  pending: number;
  /** Starts that are on their way: asked for, within the limits, waiting for the look at the disks. */
  wanted: number;
  /** Workers whose logs are still to be kept; `null`: as `save_logs` says, without a count. */
  logs_left: number | null;
  last_error: string | null;
  last_plot: string | null;
  last_plot_at: number | null;
  last_plot_duration_s: number | null;
  /** For the average: how many plots were timed, and their seconds in all. */
  timed_plots: number;
  timed_s: number;
  /** The highest slot that was ever used. */
  highest_slot: number;
  failed_slots: Record<string, FailedSlot>;
  /** By file system, the bytes of each old plot that was removed for a plot that never came. */
  replot_credit: Record<string, number[]>;
  /** Starts no more workers and goes when its last one has ended. */
  leaving: boolean;
}

/** What a worker does now. Each step's work can be asked for again after a crash. */
export const WORKER_STEPS = ['pre', 'replot_find', 'replot_remove', 'plotter', 'post', 'cleanup'] as const;
export type WorkerStep = (typeof WORKER_STEPS)[number];

/** What a worker was started with; it keeps this whatever becomes of its job (contract, section 2). */
export interface WorkerSpec {
  arguments: ArgumentValues;
  command: string;
  words: string[];
  /** The directories of its own, `<temp_dir>/plot2mqtt-<id>`. */
  temp_dirs: string[];
  dest_dir: string | null;
  pre_command: string | null;
  post_command: string | null;
  replot_before: string | null;
  cpus: (number | string)[] | null;
  nice: number | null;
  stop_grace_s: number;
  save_logs: boolean;
  /** Under which the time of its stages is remembered: plotter, size and temporary directory. */
  pace_key: string;
  /** Share of the whole time of each innermost stage; sums to 1. */
  weights: number[];
  /** Seconds that such a plot took here before; `null` where none was made. */
  expected_s: number | null;
}

/** Room on a disk that a worker will take. */
export interface RoomClaim {
  role: 'temp' | 'destination';
  device: string;
  path: string;
  bytes: number;
}

/** An old plot that goes, and what it is told apart by; version 1 knew but its size. */
export interface ChosenPlot {
  file: string;
  size: number;
  filesystem?: string;
  ino?: string;
  mtime_ms?: number;
}

/** What was removed for a worker's plot, by it or by one before it whose plot never came. */
export interface ReplotRoom {
  filesystem: string;
  /** Bytes of each plot. */
  sizes: number[];
}

/**
 * A worker as it stands. All times but that of its start are milliseconds on the steady clock (see `Surroundings`), so
 * that durations are right whatever the host's clock is set to.
 */
export interface WorkerState {
  id: string;
  job: string;
  slot: number;
  plotter: string;
  /** Key into the definitions in use. */
  definition: string;
  spec: WorkerSpec;
  room: RoomClaim[];
  step: WorkerStep;
  /** The step is done, a pause holds back the next one. */
  held: boolean;
  /** Paused by itself. */
  paused: boolean;
  /** It or its job is paused. */
  suspended: boolean;
  suspended_at: number | null;
  dismissed: boolean;
  /** By the host's clock, milliseconds since 1970. */
  started_at: number;
  /** The same on the steady clock; `null` for workers of versions that had none. */
  began_at: number | null;
  /** The process of this step that is known to have started. */
  process: { kind: ProcessKind; pid: number; at: number } | null;
  plotter_started_at: number | null;
  /** Number of the last event before its plotter started. */
  plotter_seq: number | null;
  /** The same, later by the time it was suspended: from here its pace is measured. */
  pace_from: number;
  replot: ChosenPlot | null;
  replot_room: ReplotRoom | null;
  /** What was removed for a plot before is not room enough: one more old plot goes. */
  replot_more: boolean;
  /** Why its job's rule of replotting does not count for it. */
  replot_refused: string | null;
  /** Who had defined its job when it was started, and which of its directories arrived over MQTT. */
  origin: JobOwner | 'unknown';
  over_mqtt: string[];
  /** Only temporary directories go that its own directory says it made; version 1 wrote nothing down. */
  owns_by_record: boolean;
  /** What the name of its plot's file is followed by until that is whole. */
  partial: string[];
  /** Bytes of the plotter's log that are behind us. */
  log_offset: number;
  /** Index of the innermost stage, -1 before the first. */
  leaf: number;
  /** How far the log says that stage is, 0 to 1, and when it said so. */
  fraction: number;
  moved_at: number;
  /** Share of the plot that was shown when the log last moved it: progress never falls below. */
  floor: number;
  leaf_at: number;
  phase_at: number;
  /** The daemon was away while its plotter ran. */
  interrupted: boolean;
  /** Milliseconds that each innermost stage took. */
  leaf_ms: number[];
  /** Largest whole percentage so far, the one last published, and when. */
  percent: number;
  told_percent: number;
  told_at: number;
  plot_name: string | null;
  plot_id: string | null;
  final_file: string | null;
  /** Number of the last event before its log named the plot's file as it does now. */
  named_seq: number | null;
  /** The log says that the plot has at least so many bytes. */
  plot_bytes: number | null;
  /** What went wrong so far; `waits`: the plotter tries again by itself. */
  error: string | null;
  waits: boolean;
  /** The plot, once the plotter has succeeded, and the seconds it worked on it: without those it was suspended. */
  plot: string | null;
  plot_duration_s: number | null;
  /** Which of its processes couldn't be suspended or stopped, in words. */
  refused: string | null;
  /** Why the daemon stops its process, which fails the worker. */
  stopped_for: string | null;
  /** What its process ended with: that is no failure of the job. */
  ended_with: Surrounds | null;
  /** Why the worker failed. */
  failed: string | null;
}

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
