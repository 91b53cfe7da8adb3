import { basename } from 'node:path';
import type { State } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';

/** What a look at the file that a plotter's log names as its plot has found. */
export interface PlotFacts {
  file: string;
  /** What is under this name itself: links aren't followed. */
  kind: 'absent' | 'file' | 'link' | 'other';
  /** Its directory, links resolved, is the destination. */
  inDestination: boolean;
  bytes: number;
  /** The log says that the plot is no smaller than this; `null`: it doesn't say. */
  expectedBytes: number | null;
  /** When it was last written or made, by its file system's clock; milliseconds since 1970. */
  changedAt: number;
  before: Before;
  /** Another worker whose plot it is. */
  owner: string | null;
}

/** What is known of the destination as it was before the plotter began. */
export interface Before {
  /** Whether a file of this name was there; `null`: nobody could look; `lost`: that was noted, and the note is lost. */
  there: boolean | null | 'lost';
  /** When that was, or would have been; milliseconds since 1970. */
  at: number;
}

/** A server's clock may go wrong by hours: where only times can tell, a file must be older than this is long. */
const SURELY_OLDER_MS = 24 * 60 * 60 * 1000;
/** The kernel's clock for files goes in ticks, and is behind by one at the most. */
const TICK_MS = 10;

/** Why a file is not the plot that a plotter has made, in words; `null` where it is (contract, section 3). */
export function whyNotAPlot(facts: PlotFacts): string | null {
  const { file, kind, bytes, expectedBytes, owner } = facts;
  if (kind === 'absent') return `its plot isn't there: ${file}`;
  if (!facts.inDestination) return `its plot isn't in the destination: ${file}`;
  if (kind === 'link') return `its plot is a link, which doesn't count: ${file}`;
  if (kind === 'other') return `its plot is no regular file: ${file}`;
  if (bytes === 0) return `its plot is empty: ${file}`;
  if (expectedBytes !== null && bytes < expectedBytes)
    return `its plot has ${bytes} bytes, and the log says ${expectedBytes}: ${file}`;
  if (owner !== null) return `its plot is that of worker ${owner}: ${file}`;
  if (wasThere(facts)) return `its plot was there before the plotter began: ${file}`;
  return null;
}

/** A file of the same name that was written anew since is another one. In doubt one that is older than the plotter was there. */
function wasThere({ before: { there, at }, changedAt }: PlotFacts): boolean {
  if (there === null) return changedAt < at - SURELY_OLDER_MS;
  if (there === 'lost') return changedAt <= at;
  return there && changedAt <= at - TICK_MS;
}

/** A file that a worker has named or made. */
export interface Claimed {
  worker: string;
  file: string;
}

/**
 * Files of the same name that other workers have named before this one, or made while its plotter ran: if one of them
 * is in the same directory it is theirs.
 */
export function claimedByOthers(
  state: State,
  worker: WorkerState,
  file: string,
  fileOf: (other: WorkerState) => string | null,
): Claimed[] {
  const name = basename(file);
  const claimed: Claimed[] = [];
  for (const other of state.workers.values()) {
    const theirs = fileOf(other);
    if (other.id !== worker.id && theirs !== null && basename(theirs) === name && namedFirst(other, worker))
      claimed.push({ worker: other.id, file: theirs });
  }
  for (const [made, by] of state.produced)
    if (basename(made) === name && by.seq >= (worker.plotter_seq ?? 0) && by.worker !== worker.id)
      claimed.push({ worker: by.worker, file: made });
  return claimed;
}

/** Of two that name one file the plot is the first one's. One of an earlier version has named it before all. */
function namedFirst(one: WorkerState, other: WorkerState): boolean {
  const order = (one.named_seq ?? -1) - (other.named_seq ?? -1);
  return order === 0 ? one.id < other.id : order < 0;
}
