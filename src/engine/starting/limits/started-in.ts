import type { State } from '../../model/state.ts';
import type { Placed } from '../../model/worker-state.ts';
import type { Transaction } from '../../transaction.ts';
import { isThere, type Place } from '../places/place.ts';

/** Directories remembered at most, so that the state doesn't grow for ever. */
const MAX_DIRECTORIES = 1000;

/** A start on a disk: by the host's clock and the steady one, milliseconds. */
export interface LastStart {
  at: number;
  steady: number;
}

/** A worker starts in these directories. */
export function startedIn(transaction: Transaction, placement: readonly Placed[]): void {
  const { state, now, steady } = transaction;
  for (const { path, filesystem } of placement)
    transaction.change(['started_in', path, { filesystem, at: now, steady }]);
  const excess = state.started_in.size - MAX_DIRECTORIES;
  if (excess <= 0) return;
  const byAge = [...state.started_in].sort(([, one], [, other]) => one.steady - other.steady);
  for (const [path] of byAge.slice(0, excess)) transaction.change(['started_in', path, null]);
}

/** The last start on a disk among the directories that count; `null`: nobody knows of one. */
export function lastStartOn(state: State, place: Place, counts: (path: string) => boolean): LastStart | null {
  let last: LastStart | null = null;
  for (const [path, { filesystem, at, steady }] of state.started_in)
    if (isThere(place, { path, filesystem }) && counts(path) && (last === null || steady > last.steady))
      last = { at, steady };
  return last;
}

/**
 * After a restart: a start was as long ago by the steady clock where that `goesOn`, else by the host's; on which file
 * system it was nobody knows then, since the host may have numbered them anew.
 */
export function resumeStartedIn(transaction: Transaction, goesOn: boolean): void {
  if (goesOn) return;
  for (const [path, { at }] of [...transaction.state.started_in]) {
    const steady = transaction.steady - Math.max(0, transaction.now - at);
    transaction.change(['started_in', path, { filesystem: '', at, steady }]);
  }
}
