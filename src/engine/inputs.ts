import type { JobDefinition } from '../config/schema/job.ts';
import type { DirectoryProblem } from '../host/directories.ts';
import type { Signal } from '../plotters/signal.ts';
import type { ProcessKind } from '../process/files.ts';
import type { Answer, Command } from './commands.ts';

/** What a look at one directory found. */
export interface DirectoryFacts {
  argument: string;
  role: 'temp' | 'destination';
  path: string;
  problem: DirectoryProblem | null;
  device: string;
  free_bytes: number;
}

/** Bytes that a worker in flight has taken so far. */
export interface UsedRoom {
  temp_bytes: number;
  plot_bytes: number;
}

/** Everything about the disks that a start has to know. */
export interface StartFacts {
  directories: DirectoryFacts[];
  /** Old plots that replotting would remove, oldest first. */
  old_plots: { file: string; size: number }[];
  /** By worker, what those in flight have taken; `null`: not measured, as much may still come as they claim. */
  used: ReadonlyMap<string, UsedRoom> | null;
}

/** How a process ended. `code` is `null` where it isn't known (`lost`). */
export interface ProcessExit {
  code: number | null;
  lost: boolean;
  /** Milliseconds since 1970. */
  ended_at: number;
}

/** A command as the engine takes it: definitions are checked, and the configuration is read by others. */
export type EngineCommand =
  | Exclude<Command, { type: 'create_job' | 'update_job' | 'reload' }>
  | { type: 'create_job'; job: string; definition: JobDefinition }
  | { type: 'update_job'; job: string; definition: JobDefinition };

/** Something that happened. */
export type Input =
  | { type: 'command'; ticket: number; command: EngineCommand }
  /** config.yaml was read: these are its jobs, in its order. */
  | { type: 'configured'; jobs: ReadonlyMap<string, JobDefinition> }
  /** The daemon has come up: go on with every worker. */
  | { type: 'recover' }
  /** Live workers are found again: fire `@startup`. */
  | { type: 'startup' }
  | { type: 'probed'; job: string; facts: StartFacts }
  /** `started_at`: milliseconds since 1970, where it wasn't just now; the daemon may have been away. */
  | {
      type: 'launched';
      worker: string;
      kind: ProcessKind;
      pid: number;
      recovered: boolean;
      started_at?: number;
    }
  | { type: 'launch_failed'; worker: string; kind: ProcessKind; message: string }
  /** New lines of the plotter's log said this; `offset` is the byte after them. */
  | { type: 'log'; worker: string; offset: number; signals: readonly Signal[] }
  /** `plot`: the final file and whether it is there; `tail`: the last lines of the log. */
  | {
      type: 'exited';
      worker: string;
      kind: ProcessKind;
      exit: ProcessExit;
      plot: { file: string; exists: boolean } | null;
      tail: string[];
    }
  | { type: 'replot_found'; worker: string; plot: { file: string; size: number } | null }
  | { type: 'replot_removed'; worker: string; problem: string | null }
  | { type: 'cleaned'; worker: string; problem: string | null }
  /** Keys of the lines, which are mostly their workers' ids, and how long the file is now. */
  | { type: 'history_written'; workers: string[]; bytes?: number }
  | { type: 'acked'; seq: number }
  /** What was asked to be woken at this moment; each key is taken in by itself. */
  | { type: 'wake'; keys: readonly string[] };

/** That a process runs, and that it has ended. */
export type Launched = Extract<Input, { type: 'launched' }>;
export type Exited = Extract<Input, { type: 'exited' }>;

/** The answer to a command. */
export interface TicketAnswer {
  ticket: number;
  answer: Answer;
}
