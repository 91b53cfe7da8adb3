import { identityOf } from '../../../src/host/process-identity.ts';
import type { ProcessKind } from '../../../src/process/files.ts';

/** A process of a worker, as the machine knows it: it outlives the daemon and whatever befalls its files. */
export interface WorldProcess {
  worker: string;
  kind: ProcessKind;
  running: boolean;
  /** How often it was started: once, or something went very wrong. */
  launches: number;
  code: number;
}

/** What is true, whatever the files say. */
export interface Truth {
  /** Milliseconds since 1970. */
  now: number;
  processes: Map<string, WorldProcess>;
  /** By run that makes several plots, how many its plotter has begun, and those that are in their place. */
  begun: Map<string, number>;
  placed: Map<string, string[]>;
  /** Ids of all events that were ever written down, and the highest number. */
  told: Set<string>;
  seq: number;
  /** How many daemons there were: each has a random part of its own. */
  daemons: number;
}

export function emptyWorld(): Truth {
  return {
    now: Date.UTC(2026, 10, 23, 9),
    processes: new Map(),
    begun: new Map(),
    placed: new Map(),
    told: new Set(),
    seq: 0,
    daemons: 0,
  };
}

export const keyOf = (worker: string, kind: ProcessKind): string => `${worker} ${kind}`;

/** As a wrapper writes it; this very process stands for each that runs, and none for those that have ended. */
export function claimText(worker: string, running: boolean): string {
  return running ? `${process.pid} ${identityOf(process.pid)} ${worker}\n` : `4194305 gone:1 ${worker}\n`;
}
