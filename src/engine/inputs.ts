import type { JobDefinition } from '../config/schema/job.ts';
import type { Answer, Command } from '../contract/commands.ts';
import type { DirectoryProblem } from '../host/directories.ts';
import type { Surrounds } from '../host/pid-namespace.ts';
import type { Signal } from '../plotters/signal.ts';
import type { WantedDirectory } from './effects.ts';
import type { Settings } from './memory.ts';
import type { Meta } from './model/meta.ts';
import type { ProcessRef } from './model/process-ref.ts';
import type { FinishedPlot, MadeRoom, PlaceFacts, SurveyedOldPlots, TransferEnd } from './moving/facts.ts';
import type { ChosenPlot } from './model/worker-state.ts';
import type { Timer } from './timer.ts';

/** Why a directory is left out; `unmatched`: it is a pattern, which matches none. */
export type PlaceProblem = DirectoryProblem | 'not_mounted' | 'not_allowed' | 'unmatched';

/** What a look at one directory found. */
export interface DirectoryFacts extends Omit<WantedDirectory, 'over_mqtt'> {
  problem: PlaceProblem | null;
  /** What tells its file system from others while the host runs; those of one pool are one. */
  device: string;
  free_bytes: number;
}

/** Everything about the disks that a start has to know before its directories are chosen. */
export interface DiskFacts {
  /** What was looked for. */
  wanted: WantedDirectory[];
  /** What was found: all directories that patterns match, in their order. */
  directories: DirectoryFacts[];
  /** Old plots that replotting would remove, by `replotKey`; where they can't be looked for there are none. */
  old_plots: ReadonlyMap<string, OldPlotsLook>;
  /** By worker, what those in flight have taken; `null`: not measured, as much may still come as they claim. */
  used: ReadonlyMap<string, UsedRoom> | null;
}

/** A directory that a pattern has matched, and whether it was a mount of its own (or what its wildcard stands for). */
export type MatchedDirectory = Meta['matched'][string][number];

/** Bytes that a worker in flight has taken so far. */
export interface UsedRoom {
  temp_bytes: number;
  plot_bytes: number;
}

/** The same of one choice: a directory for each argument. */
export interface StartFacts {
  directories: DirectoryFacts[];
  /** Old plots that replotting would remove, by `replotKey`; where they can't be looked for there are none. */
  old_plots: ReadonlyMap<string, OldPlotsLook>;
  /** By worker, what those in flight have taken; `null`: not measured, as much may still come as they claim. */
  used: ReadonlyMap<string, UsedRoom> | null;
}

/** Old plots that a rule means on one file system. */
export interface OldPlotsLook {
  /** The oldest first. */
  plots: { file: string; size: number }[];
  /** The file system as credits of replotting name it. */
  filesystem: string;
}

/** What a look for old plots comes to. */
export type FoundPlots =
  /**
   * These go for the worker's plot; of those that went for plots that never came, on this file system, the first ones
   * (`credit`, bytes of each) did so for it.
   */
  | { kind: 'chosen'; filesystem: string; plots: ChosenPlot[]; credit: number[] }
  /** These would go, were the rule no dry run. */
  | { kind: 'dry_run'; plots: { file: string; size: number }[] }
  | { kind: 'none' }
  /** Nothing may go at all. */
  | { kind: 'refused'; reason: string };

/** What the removal of an old plot comes to; `kept`: it may not go, and the worker goes on without. */
export type PlotOutcome =
  | { kind: 'removed' }
  | { kind: 'kept'; reason: string }
  | { kind: 'failed'; reason: string };

/** How a process ended. `code` is `null` where it isn't known (`lost`); one that is lost may have gone with its host. */
export interface ProcessExit {
  code: number | null;
  lost: boolean;
  ended_with?: Surrounds;
  /** Milliseconds on the steady clock. */
  ended_at: number;
}

/**
 * A final file: its length (`null`: it is elsewhere, and its log doesn't say), and why it is no plot; `null` where it is
 * one. `spoilt`: names of what the plotter left in its destination that isn't its plot.
 */
export interface SeenPlot {
  file: string;
  problem: string | null;
  bytes: number | null;
  spoilt?: readonly string[];
}

/** A command as the engine takes it: definitions are checked, configuration and history are read by others. */
export type EngineCommand =
  | Exclude<Command, { type: 'create_job' | 'update_job' | 'reload' | 'history' | 'events' }>
  | { type: 'create_job'; job: string; definition: JobDefinition }
  | { type: 'update_job'; job: string; definition: JobDefinition };

/** Something that happened. */
export type Input =
  | { type: 'command'; ticket: number; command: EngineCommand }
  /** config.yaml was read: these are its jobs, in its order, and what else it says now, if that was read anew. */
  | { type: 'configured'; jobs: ReadonlyMap<string, JobDefinition>; settings?: Settings }
  /** The daemon has come up: go on with every worker. */
  | { type: 'recover' }
  /** Live workers are found again: fire `@startup`. */
  | { type: 'startup' }
  /** `null`: the look is stale, another one is wanted. */
  | { type: 'probed'; job: string; facts: DiskFacts | null }
  /** By pattern, directories that it matches now: they are remembered until a reload. */
  | { type: 'matched'; patterns: ReadonlyMap<string, readonly MatchedDirectory[]> }
  /** The state can't be written, nor, with `ends`, the ends of workers. */
  | { type: 'unstorable'; ends: boolean }
  /** `started_at`: milliseconds on the steady clock, where it wasn't just now; the daemon may have been away. */
  | ({ type: 'launched'; pid: number; recovered: boolean; started_at?: number } & ProcessRef)
  | ({ type: 'launch_failed'; message: string } & ProcessRef)
  /**
   * New lines of the plotter's log said this of a plot of its run (`nth`, from 1 on; without, of the newest); `offset` is
   * the byte after them.
   */
  | { type: 'log'; run: string; offset: number; nth?: number; signals: readonly Signal[] }
  /**
   * A look at the plot of a worker whose run goes on; `null`: nobody knows which file it is. `placed`: its log had said
   * before that it is in its place.
   */
  | { type: 'plot_seen'; worker: string; plot: SeenPlot | null; placed: boolean }
  /** What room there is where a plotter waits that said this; `null`: not known. */
  | {
      type: 'room_seen';
      worker: string;
      directory: string | null;
      message: string;
      free_bytes: number | null;
    }
  /** How the files of a worker are: another mark than before where they have grown; `null`: their disks don't say. */
  | { type: 'growth_seen'; worker: string; mark: string | null }
  /** Which of a run's processes refused to be suspended, resumed or stopped, in words; `null`: none did. */
  | { type: 'refused'; run: string; refused: string | null }
  /** A process has written so much to its log that it is to be stopped. */
  | ({ type: 'overflowed'; bytes: number } & ProcessRef)
  /**
   * `plot`: the final file that the run's newest worker names, `older`: those of its others, by worker; `tail`: the last
   * lines of the log.
   */
  | ({
      type: 'exited';
      exit: ProcessExit;
      plot: SeenPlot | null;
      older?: ReadonlyMap<string, SeenPlot>;
      tail: string[];
    } & ProcessRef)
  | { type: 'replot_found'; worker: string; found: FoundPlots }
  | { type: 'replot_removed'; worker: string; file: string; outcome: PlotOutcome }
  /**
   * `moved`: a post-command has run, and the plot is where it was made no more. `last: false`: what its run's process has
   * made is still there.
   */
  | { type: 'cleaned'; worker: string; problem: string | null; moved?: boolean; last?: boolean }
  /** Keys of the lines, which are mostly their workers' ids, and how long the file is now. */
  | { type: 'history_written'; workers: string[]; bytes?: number }
  /** What the host draws now, in watts; what a kilowatt hour costs from now on. */
  | { type: 'power'; watts: number }
  | { type: 'price'; price: number }
  | { type: 'acked'; seq: number }
  /** A broker has the named event that was to be fired at another daemon under this id. */
  | { type: 'fired_elsewhere'; id: string }
  /**
   * The finished plots in the directories of a move, the oldest first, by a look that began at a time of the steady clock;
   * those of which somebody knows that they must stay are among them.
   */
  | { type: 'looked_through'; move: string; began: number; plots: readonly FinishedPlot[] }
  /** Where the files of a move may go; `used`: as in `StartFacts`, of workers that take room there. */
  | {
      type: 'surveyed';
      move: string;
      number: number;
      places: readonly PlaceFacts[];
      used: ReadonlyMap<string, UsedRoom>;
      /** By transfer to one of these places, bytes that are there of it. */
      written: ReadonlyMap<string, number>;
      /** Left out where no old plot may go. */
      old_plots?: SurveyedOldPlots | undefined;
    }
  /** What came of the removal of an old plot for a transfer. */
  | { type: 'room_made'; transfer: string; file: string; outcome: MadeRoom }
  /** What tells the file system to which a transfer goes from others now. */
  | { type: 'transfer_located'; transfer: string; filesystem: string }
  /** The process of a transfer runs; `started_at` as in `launched`. */
  | { type: 'transfer_launched'; transfer: string; pid: number; started_at?: number }
  | { type: 'transfer_copied'; transfer: string; bytes: number }
  /** It has ended, at a time of the steady clock. */
  | { type: 'transfer_ended'; transfer: string; launch: number; end: TransferEnd; ended_at: number }
  /** Another daemon has this instance: here is another one. */
  | { type: 'instance_taken'; instance: string }
  /** What is due at this moment; each timer is taken in by itself. */
  | { type: 'wake'; timers: readonly Timer[] };

/** What a look at the room came to. */
export type RoomSeen = Extract<Input, { type: 'room_seen' }>;

/** What a look at a worker's files came to. */
export type GrowthSeen = Extract<Input, { type: 'growth_seen' }>;

/** A look at a plot while its run goes on. */
export type PlotSeen = Extract<Input, { type: 'plot_seen' }>;

/** What a run's log has said. */
export type LogSaid = Extract<Input, { type: 'log' }>;

/** That nothing is left of a worker. */
export type Cleaned = Extract<Input, { type: 'cleaned' }>;

/** That a process runs, and that it has ended. */
export type Launched = Extract<Input, { type: 'launched' }>;
export type Exited = Extract<Input, { type: 'exited' }>;

/** The answer to a command. */
export interface TicketAnswer {
  ticket: number;
  answer: Answer;
}
