import type { Choice } from '../../../contract/choices.ts';

/** A directory that may be chosen: its own gates are open. */
export interface Candidate {
  directory: string;
  /** What tells its file system from others. */
  fileSystem: string;
  /** Workers and moves in flight on that file system. */
  busy: number;
  /** Bytes there that nobody in flight will take. */
  free: number;
}

/**
 * The candidates, the one to be taken first: with `spread` on the file system with the fewest workers and moves in
 * flight, then the one with the most room; with `in_order` as they are written.
 */
export function inTurn<Each extends Candidate>(candidates: readonly Each[], choice: Choice): Each[] {
  if (choice === 'in_order') return [...candidates];
  return [...candidates].sort((one, other) => one.busy - other.busy || other.free - one.free);
}

/** The directory that is taken; `null` where there is none. */
export function choose<Each extends Candidate>(candidates: readonly Each[], choice: Choice): Each | null {
  return inTurn(candidates, choice)[0] ?? null;
}
