import type { Several } from '../config/schema/plotter-several.ts';
import type { ReplotRule } from '../config/schema/replot.ts';
import type { ProcessRef } from './model/process-ref.ts';
import type { RemoteFire } from './model/remote-fire.ts';
import type { FinishedPlot } from './moving/facts.ts';
import type { Timer } from './timer.ts';

/** A directory that a start may get, under the name of the argument that gives it; several where it is a list. */
export interface WantedDirectory {
  argument: string;
  role: 'temp' | 'destination';
  /** As it is written, absolute: it may be a pattern. */
  path: string;
  /** It arrived over MQTT: it must lie where config.yaml allows, whatever it leads to by now. */
  over_mqtt: boolean;
}

/**
 * What the engine wants done. Whoever does it reports back with an input; each can be asked for again after a
 * crash and is then done once.
 */
export type Effect =
  /**
   * Look at the disks that a start of this job may get, with `replot` at the old plots in each destination; with
   * `measure`, also at what workers have taken so far.
   */
  | {
      type: 'probe';
      job: string;
      directories: WantedDirectory[];
      /** Old plots that count as room: those of the job, and those of workers in flight that will remove some. */
      replot: ReplotQuery[];
      measure: boolean;
    }
  /** Start this process, or find the one that was started. */
  | ({ type: 'run' } & ProcessRef)
  /** End this process, or keep it from being started. */
  | ({ type: 'terminate'; grace_s: number } & ProcessRef)
  /**
   * Have a run's plotter end after the plot that it makes: this signal, once in its life, to each of its processes that
   * has no child among them.
   */
  | { type: 'finish'; run: string; signal: Several['finish'] & string }
  /** Note in a directory of its own what a worker was started with whose run has begun before it. */
  | { type: 'record_worker'; worker: string }
  /** See whether the plot of a worker is in its place, while its run's plotter goes on. */
  | { type: 'look_at_plot'; worker: string }
  /** Suspend or resume a run's plotter. */
  | { type: 'suspend' | 'resume'; run: string }
  /** Choose the old plots that go for a worker's plot, by its rule; then remove this one. */
  | { type: 'replot_find'; worker: string }
  | { type: 'replot_remove'; worker: string; file: string }
  /**
   * Remove the unfinished files of a worker's plot and, where its run ends with it (`last`), the run's directories;
   * keep its logs if wanted.
   */
  | {
      type: 'cleanup';
      worker: string;
      run: string;
      last: boolean;
      /** Which of the run's plots is the worker's, and whether it was to make several: then they share one log. */
      nth: number;
      several: boolean;
      temp_dirs: string[];
      unfinished: string[];
      keep_logs: boolean;
      /** The plot that a post-command may have moved. */
      handed_on: string | null;
    }
  /** See what room there is where a plotter waits that said this; `null`: nobody knows where that is. */
  | { type: 'look_at_room'; worker: string; directory: string | null; message: string }
  /** See how the files of a worker are, whose log is silent. */
  | { type: 'look_at_growth'; worker: string }
  /** Fire a named event at another daemon, under this id; `null`: it is given up. */
  | { type: 'fire_elsewhere'; id: string; fire: RemoteFire | null }
  /** Look for finished plots in the directories of a move, and tell what is there whether or not that is news. */
  | { type: 'look_through'; move: string }
  /**
   * Look at the directories to which the files of a move may go; and, where there is no room for these files, which come
   * next, at the old plots that may go for them. None are named where the move removes none. `number`: which look it is,
   * which is told with what it found.
   */
  | { type: 'survey'; move: string; number: number; files: readonly FinishedPlot[] }
  /** Remove this old plot for a transfer, the next that was chosen for it; `only_look`: just see whether it is gone. */
  | { type: 'make_room'; transfer: string; file: string; only_look: boolean }
  /** See on which file system it is by now that a transfer goes to: a host that starts anew numbers them anew. */
  | { type: 'locate_transfer'; transfer: string }
  /** Start the process of a transfer, or find the one that was started. */
  | { type: 'transfer'; transfer: string }
  /** End it; nothing of it is left then. */
  | { type: 'stop_transfer'; transfer: string }
  | { type: 'suspend_transfer' | 'resume_transfer'; transfer: string }
  /** It has ended: remove what is left of it. */
  | { type: 'forget_transfer'; transfer: string }
  /** Write the outstanding lines of history.jsonl. */
  | { type: 'history' }
  /** Report `wake` with this timer at this time; a later one for the same timer replaces it, `null` cancels it. */
  | { type: 'wake'; timer: Timer; at: number | null };

/**
 * Old plots that may be removed to make room on the file system of a destination; `null`: of each destination that the
 * start may get.
 */
export interface ReplotQuery {
  directory: string | null;
  rule: ReplotRule;
  count: number;
}

/** The same for queries after the same plots. */
export function replotKey({ directory, rule }: Pick<ReplotQuery, 'directory' | 'rule'>): string {
  const { before, match, k = null, compression = null, dirs = null } = rule;
  return JSON.stringify([directory, before, match, k, compression, dirs]);
}
