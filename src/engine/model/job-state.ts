import type { JobDefinition } from '../../config/schema/job.ts';
import type { SettableField } from '../../contract/commands.ts';
import type { BlockedReason } from '../../contract/events.ts';

/** Who defines a job: config.yaml, or commands over MQTT. */
export type JobOwner = 'file' | 'mqtt';

/** Settings of config.yaml that commands may override until the file changes them (contract, section 2). */
export type FileSettings = Pick<JobDefinition, SettableField>;

/** What stays on a free slot of its last worker, if that one failed. */
export interface FailedSlot {
  worker: string;
  error: string;
}

/** Starts that were asked for together and wait. */
export interface StartsAsked {
  /** Number of the last event before they were asked for. */
  since: number;
  workers: number;
}

/** How `keep_running` stands. */
export interface Keeping {
  /** All workers of the job were dismissed: none follows until another start, `enabled` ON, a reset or a restart. */
  stopped: boolean;
  /** How long was waited after the last failure, in seconds; 0: no failure since the last plot. */
  wait_s: number;
  /** Until when it waits now, by the host's clock when the wait began, and on the steady clock; `null`: it doesn't. */
  due: number | null;
  due_steady: number | null;
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
  /** Why, in a sentence. */
  blocked_text: string | null;
  /** Starts that a gate holds back. */
  pending: number;
  /** Starts that are on their way: asked for, within the limits, waiting for the look at the disks. */
  wanted: number;
  /** Since when those that are pending or wanted wait, the oldest first; what isn't among them is older. */
  asked: StartsAsked[];
  keeping: Keeping;
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
