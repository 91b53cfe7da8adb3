import { basename, dirname, join, resolve } from 'node:path';
import { destinationOf } from '../model/placement.ts';
import { runOf, type State } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { definitionOf, plotFile } from './stages.ts';

/** What a new file's whole name must fit to be a worker's plot; `null`: its log names the plot. */
export function producedPattern(state: State, worker: WorkerState): RegExp | null {
  const { success } = definitionOf(state, worker);
  return typeof success === 'object' ? new RegExp(`^(?:${success.produced})$`) : null;
}

/** What is known of a destination in which a new file is looked for. */
export interface NewFilesLook {
  /** Names in it: now, and before the plotter began. */
  now: readonly string[];
  before: readonly string[];
  /** Whether a name may be that of a plot that was looked for. */
  fits(name: string): boolean;
}

/** The names of new files that may be a worker's plot: no move and no other worker brought them. */
export function newFiles(state: State, worker: WorkerState, { now, before, fits }: NewFilesLook): string[] {
  const known = new Set([...before, ...namesOfOthers(state, worker)]);
  return now.filter((name) => fits(name) && !known.has(name));
}

/** Names are unique among plots: whose a file is follows from that, in whatever directory it is now. */
function* namesOfOthers(state: State, worker: WorkerState): Generator<string> {
  for (const other of state.workers.values()) {
    if (other.id === worker.id) continue;
    const { partial } = runOf(state, other);
    for (const file of [plotFile(state, other), other.plot])
      if (file !== null) for (const suffix of ['', ...partial]) yield basename(file) + suffix;
  }
  for (const [file, by] of state.produced)
    if (by.worker !== worker.id && by.seq >= (worker.plotter_seq ?? 0)) yield basename(file);
  for (const { file } of state.transfers.values()) {
    yield basename(file);
    yield `${basename(file)}.tmp`;
  }
}

/** Why none of these new files is the plot, in words; `null`: there is exactly one. */
export function whyNotOne(names: readonly string[], destination: string, pattern: RegExp): string | null {
  if (names.length === 1) return null;
  if (names.length === 0) return `no new file in ${destination} fits ${pattern.source.slice(4, -2)}`;
  const some = names.slice(0, 3).join(', ');
  const more = names.length > 3 ? `, and ${names.length - 3} more` : '';
  return `there are ${names.length} new files in ${destination}, and nobody knows which is its plot: ${some}${more}`;
}

/** By how much the clock of a server may be behind this host's. */
const SKEW_MS = 5 * 60_000;

/**
 * Tells files that a plotter may be making now whose plot nobody can name before it has ended: new ones that fit in its
 * destination. What is known to be made isn't among them.
 */
export function inTheMaking(state: State): (file: string, modifiedMs: number) => boolean {
  const makers = [...state.workers.values()].flatMap((worker) => {
    const destination = destinationOf(worker);
    const pattern = worker.step === 'plotter' ? producedPattern(state, worker) : null;
    if (destination === null || pattern === null) return [];
    return [{ directory: resolve(destination), pattern, since: runOf(state, worker).started_at - SKEW_MS }];
  });
  return (file, modifiedMs) =>
    makers.some(
      ({ directory, pattern, since }) =>
        dirname(file) === directory &&
        modifiedMs >= since &&
        pattern.test(basename(file)) &&
        !state.made.has(basename(file)),
    );
}

/**
 * A plot has come to rest, by a move or with its worker's end: it may be in the destination of a plotter whose plot is
 * told by being new, and isn't that one's.
 */
export function noteBrought(transaction: Transaction, name: string, by: string): void {
  const { state } = transaction;
  for (const worker of state.workers.values()) {
    const destination = destinationOf(worker);
    if (worker.id === by || worker.step !== 'plotter' || destination === null) continue;
    if (producedPattern(state, worker) === null) continue;
    transaction.change(['produced', join(destination, name), { worker: by, seq: state.seq }]);
  }
}
