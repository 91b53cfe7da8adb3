import type { DiskEntry } from '../config/schema/disks.ts';
import type { HoldEntry } from '../config/schema/hold.ts';
import type { MoveEntry } from '../config/schema/move.ts';
import type { ArgumentValues } from '../contract/names.ts';
import type { RunState } from './model/run-state.ts';
import type { WorkerState } from './model/worker-state.ts';
import type { MovingMemory } from './moving/facts.ts';
import type { ResolvedPlotter } from './starting/resolve.ts';

/** What config.yaml says beside its jobs. */
export interface Settings {
  plotters: ReadonlyMap<string, ResolvedPlotter>;
  defaults: ArgumentValues;
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
  /** Dismissals on their way: ticket → runs and transfers still there. */
  dismissals: ReadonlyMap<number, ReadonlySet<string>>;
  /** Who waits for a job to be gone. */
  deletions: ReadonlyMap<string, readonly number[]>;
  /** Keys of workers and runs that were changed without being written down yet. */
  unwritten: { [Kind in UnwrittenKind]: Map<string, ReadonlySet<keyof Moving[Kind]>> };
  /** Workers for which an old plot is being looked for. */
  seeking: ReadonlySet<string>;
  /** The latest time that the clock has shown, milliseconds since 1970. */
  latest: number;
}
