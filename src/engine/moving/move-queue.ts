import { basename } from 'node:path';
import { withKey, withoutKey } from '../model/collections.ts';
import type { MoveState } from '../model/move-state.ts';
import type { World } from '../starting/gates/gate.ts';
import type { Transaction } from '../transaction.ts';
import { inTheMaking } from '../working/new-files.ts';
import { namesInHand } from './names-in-hand.ts';
import type { FinishedPlot } from './facts.ts';

/** So often a file is tried; then it is left until somebody has looked after it. */
export const MAX_TRIES = 3;

/**
 * The files that wait in a move's directories are those that were found there, but for what is in somebody's hand or may be
 * a plot in the making, what has just arrived, and what a worker has made that failed or was dismissed.
 */
export function fillQueue(
  transaction: Transaction,
  move: MoveState,
  { began, plots }: { began: number; plots: readonly FinishedPlot[] },
): void {
  const { state, memory } = transaction;
  const inHand = namesInHand(state, null);
  const onTheirWay = new Set([...state.transfers.values()].map(({ file }) => file));
  const isInTheMaking = inTheMaking(state);
  const stays = ({ file, mtime_ns }: FinishedPlot) => {
    const name = basename(file);
    if (isInTheMaking(file, Number(mtime_ns) / 1e6)) return true;
    if (inHand.has(name) || onTheirWay.has(file) || state.made.get(name)?.spoilt === true) return true;
    return (memory.arrived.get(file)?.at ?? Number.NEGATIVE_INFINITY) >= began;
  };
  const queue = plots.filter((plot) => !stays(plot));
  // What has failed is tried last.
  const failed = queue.filter(({ file }) => memory.tries.has(file));
  const fresh = failed.length === 0 ? queue : queue.filter(({ file }) => !memory.tries.has(file));
  setQueue(transaction, move, [...fresh, ...failed]);
  forgetGone(transaction, move, { began, there: new Set(plots.map(({ file }) => file)) });
}

/** A plot on its way waits no more. */
export function leaveQueueOf(transaction: Transaction, move: MoveState, plot: FinishedPlot): void {
  const queue = queueOf(transaction, move);
  setQueue(
    transaction,
    move,
    queue.filter((each) => each !== plot),
  );
}

/** One that didn't get there waits again, behind all others. */
export function rejoinQueue(transaction: Transaction, move: MoveState, plot: FinishedPlot): void {
  setQueue(transaction, move, [...queueOf(transaction, move), plot]);
}

function setQueue(transaction: Transaction, move: MoveState, queue: readonly FinishedPlot[]): void {
  const { memory } = transaction;
  memory.queues = withKey(memory.queues, move.id, queue);
  const bytes = queue.reduce((sum, { size }) => sum + size, 0);
  memory.queuedBytes = withKey(memory.queuedBytes, move.id, bytes);
  transaction.touchMove(move.id);
}

/** Nobody has looked yet. */
export function forgetQueue({ memory }: Transaction, id: string): void {
  memory.queues = withoutKey(memory.queues, id);
  memory.queuedBytes = withoutKey(memory.queuedBytes, id);
}

/** The files of a move that wait. */
export function queueOf(
  { memory }: Pick<World, 'memory'>,
  { id }: Pick<MoveState, 'id'>,
): readonly FinishedPlot[] {
  return memory.queues.get(id) ?? [];
}

/** Whether a file may be tried now. */
export function isDue({ memory, steady }: Pick<World, 'memory' | 'steady'>, { file }: FinishedPlot): boolean {
  const tries = memory.tries.get(file);
  return tries === undefined || (tries.count < MAX_TRIES && tries.again <= steady);
}

/** How often files of a move have failed that are left alone now; with those that may be in their place already. */
export function leftAlone({ state, memory }: Pick<World, 'state' | 'memory'>, { id }: MoveState): number {
  let count = 0;
  for (const tries of memory.tries.values()) if (tries.move === id && tries.count >= MAX_TRIES) count += 1;
  for (const { move, step } of state.transfers.values()) if (move === id && step === 'blocked') count += 1;
  return count;
}

/** Somebody has looked after a move: what has failed is tried again at once. */
export function forgiveTries({ memory }: Transaction, id: string): void {
  memory.tries = new Map([...memory.tries].filter(([, { move }]) => move !== id));
}

/** Of files that are there no more nothing is remembered. */
function forgetGone(
  { memory }: Transaction,
  { id }: MoveState,
  { began, there }: { began: number; there: ReadonlySet<string> },
): void {
  const isGone = (file: string) => !there.has(file);
  if ([...memory.tries].some(([file, { move }]) => move === id && isGone(file)))
    memory.tries = new Map([...memory.tries].filter(([file, { move }]) => move !== id || !isGone(file)));
  const isSeen = ({ move, at }: { move: string; at: number }) => move === id && at < began;
  if ([...memory.arrived.values()].some(isSeen))
    memory.arrived = new Map([...memory.arrived].filter(([, each]) => !isSeen(each)));
}
