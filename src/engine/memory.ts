import type { DiskEntry } from '../config/schema/disks.ts';
import type { EnergySettings } from '../config/schema/energy.ts';
import type { HoldEntry } from '../config/schema/hold.ts';
import type { JobsLimit } from '../config/schema/limits.ts';
import type { MoveEntry } from '../config/schema/move.ts';
import type { ArgumentValues } from '../contract/names.ts';
import type { RunState } from './model/run-state.ts';
import type { WorkerState } from './model/worker-state.ts';
import type { MovingMemory } from './moving/facts.ts';
import type { SeenDirectories } from './starting/places/seen-directories.ts';
import type { ResolvedPlotter } from './starting/places/resolve.ts';
import type { Metering } from './working/metering.ts';

/** What config.yaml says beside its jobs. */
export interface Settings {
  plotters: ReadonlyMap<string, ResolvedPlotter>;
  defaults: ArgumentValues;
  /** Limits over several jobs, by name, in the order of the file. */
  limits: ReadonlyMap<string, JobsLimit>;
  /** Directory of config.yaml, against which relative paths are resolved. */
  directory: string;
  progress_interval_ms: number;
  /** Rules for directories, absolute, in the order of the file. */
  disks: readonly DiskEntry[];
  /** Which finished plots go where, by id, in the order of the file; directories are absolute, patterns among them. */
  moves: ReadonlyMap<string, MoveEntry>;
  /** What config.yaml says of the farm's holds, by name. */
  holds: ReadonlyMap<string, HoldEntry>;
  /** By whose hours and days they stand by themselves. */
  time_zone: string;
  /** Where power and its price come from; nothing where energy isn't set up. */
  energy?: EnergySettings;
  /** Whether jobs made over MQTT may remove old plots. */
  allow_replot_over_mqtt: boolean;
}

/** What moves with the lines of a log, of which not each is written down. */
export interface Moving {
  runs: RunState;
  workers: WorkerState;
}
export type UnwrittenKind = keyof Moving;

/** A start by hand that waits for the look at the disks. */
export interface ManualStart {
  ticket: number;
  workers: number;
  /** Number of the last event before it was asked for. */
  since: number;
}

/**
 * What the engine remembers between steps and may forget in a crash. A step replaces what it changes here, so that it
 * can be undone; only `unwritten` is changed in place, by `Transaction` alone.
 */
export interface Memory extends MovingMemory {
  settings: Settings;
  /** Live workers are found again and today's jobs are known: what keeps running may begin. */
  up: boolean;
  /** Jobs whose disks are being looked at. */
  probing: ReadonlySet<string>;
  manual: ReadonlyMap<string, readonly ManualStart[]>;
  /** The place of each job of config.yaml in it. */
  order: ReadonlyMap<string, number>;
  /** By job, how many workers `keep_running` has the disks looked at for. */
  keeping: ReadonlyMap<string, number>;
  /** By job, what the last look at its disks has found. */
  seen: ReadonlyMap<string, SeenDirectories>;
  /** Jobs that are held by a limit of `disks`, and look for another disk now and then. */
  waits_for_disk: ReadonlySet<string>;
  /** By limit over jobs or of disks, and for that of the farm, what it counted when those that wait for it were last looked at; nothing is read from it. */
  counted: ReadonlyMap<string, string>;
  /** Dismissals on their way: ticket → runs and transfers still there. */
  dismissals: ReadonlyMap<number, ReadonlySet<string>>;
  /** Who waits for a job to be gone. */
  deletions: ReadonlyMap<string, readonly number[]>;
  /** Keys of workers and runs that were changed without being written down yet. */
  unwritten: { [Kind in UnwrittenKind]: Map<string, ReadonlySet<keyof Moving[Kind]>> };
  /** Workers for which an old plot is being looked for. */
  seeking: ReadonlySet<string>;
  /** Power, and what of it isn't written down yet. */
  metering: Metering;
  /** The latest time that the clock has shown, milliseconds since 1970. */
  latest: number;
}
