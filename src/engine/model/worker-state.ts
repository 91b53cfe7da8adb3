import type { ArgumentValues } from '../../contract/names.ts';
import type { Surrounds } from '../../host/pid-namespace.ts';
import type { ProcessKind } from '../../process/files.ts';
import type { JobOwner } from './job-state.ts';

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

/** A time in which a plotter waits and tries again by itself. */
export interface Waiting {
  /** Milliseconds on the steady clock. */
  since: number;
  /** The directory into which it can't write. */
  directory: string | null;
  /** `worker_waiting` was told. */
  told: boolean;
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
  /** What went wrong so far; `waits`: the plotter tries again by itself, `waiting` says since when. */
  error: string | null;
  waits: boolean;
  waiting: Waiting | null;
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
