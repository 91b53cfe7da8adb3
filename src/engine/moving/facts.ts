import type { MoveWaitingFor } from '../../contract/moves.ts';
import type { PlaceProblem } from '../inputs.ts';
import type { ChosenPlot } from '../model/worker-state.ts';
import type { FailedSide, HowMoved } from '../../mover/report.ts';

/** A plot that is finished, whoever made it. */
export interface FinishedPlot {
  /** Absolute. */
  file: string;
  size: number;
  ino: string;
  /** Nanoseconds since 1970. */
  mtime_ns: string;
  /** The device of its file system, as stat(2) has it. */
  device: string;
}

/** What a look at a directory found to which plots may be moved. */
export interface PlaceFacts {
  directory: string;
  problem: PlaceProblem | null;
  /** What tells its file system from others; and its device, as stat(2) has it. */
  device: string;
  st_dev: string;
  free_bytes: number;
  /** An enabled move takes plots out of it. */
  taken_from: boolean;
}

/** The old plots that the rule of a move means, as a look at its destinations found them. */
export interface SurveyedOldPlots {
  /** When the look began, on the steady clock. */
  began: number;
  /** Those of the files that were asked for which the rule itself doesn't mean: for others no old plot goes. */
  fresh: ReadonlySet<string>;
  /** By destination. */
  by_directory: ReadonlyMap<string, OldPlotsAtPlace>;
}

/** Old plots on the file system of a destination. */
export interface OldPlotsAtPlace {
  /** Where that is mounted, by which its credit is kept. */
  filesystem: string;
  /** The oldest first; none where nobody has looked, since there is room. */
  plots: readonly ChosenPlot[];
}

/** What the removal of an old plot for a transfer came to. */
export type MadeRoom =
  /** It is gone. */
  | { kind: 'removed' }
  /** There is room without it: it stays. */
  | { kind: 'enough' }
  /** It was only looked for: it is gone, or it is there, as far as anybody can tell. */
  | { kind: 'gone' | 'there' }
  /** It stays, and the plot can't be moved there now. */
  | { kind: 'failed'; side: FailedSide; error: string };

/** How the process of a transfer ended. */
export type TransferEnd =
  | { kind: 'moved'; how: HowMoved }
  /** `gone`: the plot is neither where it was nor in its destination, of which both disks are there. */
  | { kind: 'failed'; side: FailedSide; pinned: boolean; gone?: boolean; error: string }
  /** It was told to, and has left nothing. */
  | { kind: 'stopped' }
  /** Without a word: how far it was nobody knows. `with_host`: its host or container ended. */
  | { kind: 'lost'; with_host: boolean };

/** Tries of a file that have failed. */
export interface FailedTries {
  move: string;
  count: number;
  /** When the next one may come, on the steady clock. */
  again: number;
}

/** A destination that has failed in writing. */
export interface FailingPlace {
  /** Until when it is left out, on the steady clock; and how often in a row it has failed. */
  until: number;
  times: number;
}

/** How far the process of a transfer says it is. */
export interface Copied {
  bytes: number;
  /** From when on its speed is measured: bytes and steady clock. */
  since: { bytes: number; at: number };
  /** As it is shown, and when it will have arrived by it, on the steady clock; `null`: not known yet. */
  shown: { bytes_per_s: number; done_at: number } | null;
}

/** What keeps the next file of a move by the last look at its destinations. */
export interface KeptBack {
  waiting_for: Extract<MoveWaitingFor, 'disk' | 'dest_full' | 'missing_directory'>;
  text: string;
}

/** What the engine knows of moves between steps, and finds out again after a crash. */
export interface MovingMemory {
  /** Files that wait, by move, the next ones first; none where nobody has looked yet. */
  queues: ReadonlyMap<string, readonly FinishedPlot[]>;
  /** Their bytes. */
  queuedBytes: ReadonlyMap<string, number>;
  /** By file. */
  tries: ReadonlyMap<string, FailedTries>;
  /** When files have arrived that a look may still have seen, on the steady clock. */
  arrived: ReadonlyMap<string, { move: string; at: number }>;
  /** By move whose destinations are being looked at, the number of that look; and how many there were. */
  surveying: ReadonlyMap<string, number>;
  surveys: number;
  keptBack: ReadonlyMap<string, KeptBack>;
  /** By directory. */
  failing: ReadonlyMap<string, FailingPlace>;
  /** By transfer. */
  copied: ReadonlyMap<string, Copied>;
  /** By move, as it is shown, and when that was renewed, on the steady clock. */
  speeds: ReadonlyMap<string, { bytes_per_s: number; at: number }>;
  /** By file system (what tells it from others, or its mount point), when an old plot last went there, on the steady clock. */
  clearedAt: ReadonlyMap<string, number>;
  /** Moves that somebody has enabled since old plots last went for one of their files. */
  lookedAfter: ReadonlySet<string>;
}

export function nothingMoves(): MovingMemory {
  return {
    queues: new Map(),
    queuedBytes: new Map(),
    tries: new Map(),
    arrived: new Map(),
    surveying: new Map(),
    surveys: 0,
    keptBack: new Map(),
    failing: new Map(),
    copied: new Map(),
    speeds: new Map(),
    clearedAt: new Map(),
    lookedAfter: new Set(),
  };
}
