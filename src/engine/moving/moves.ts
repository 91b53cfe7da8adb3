import type { MoveEntry } from '../../config/schema/move.ts';
import type { MoveSettings } from '../../contract/moves.ts';
import type { Input } from '../inputs.ts';
import { withoutKey, withValue } from '../model/collections.ts';
import type { MoveState } from '../model/move-state.ts';
import type { TransferState } from '../model/transfer-state.ts';
import type { Transaction } from '../transaction.ts';
import { considerMove, reconsiderMoves } from './begin-transfers.ts';
import { passOnCredit } from './credit.ts';
import { fillQueue, forgetQueue, forgiveTries, queueOf } from './move-queue.ts';
import { giveUpTransfer, tellIfIdle } from './transfer-ends.ts';
import { isHalted, isUnderWay } from './under-way.ts';
import { isDestination, retryBlocked, suspendTransfers, transfersOf } from './transfers.ts';

/** config.yaml was read: its moves come, change or go. `anew`: somebody has asked for that while the daemon runs. */
export function configureMoves(transaction: Transaction, anew: boolean): void {
  const { state, settings } = transaction;
  for (const [id, entry] of settings.moves) configureMove(transaction, id, entry, anew);
  for (const move of [...state.moves.values()])
    if (!settings.moves.has(move.id)) {
      transaction.patchMove(move, { leaving: true });
      if (!removeIfLeft(transaction, move)) considerMove(transaction, move);
    }
}

function configureMove(transaction: Transaction, id: string, entry: MoveEntry, anew: boolean): void {
  const { state, memory } = transaction;
  const { enabled } = entry;
  const present = state.moves.get(id);
  if (!present) transaction.change(['move', id, newMove(id, enabled)]);
  const move = state.moves.get(id);
  if (!move) return;
  // What a command has set holds until the file itself says something else: the last writer wins.
  if (move.file_enabled !== enabled) transaction.patchMove(move, { enabled, file_enabled: enabled });
  transaction.patchMove(move, { leaving: false });
  // Where it takes from and goes to may be others now, and a look on its way is one at those before.
  memory.surveying = withoutKey(memory.surveying, id);
  memory.keptBack = withoutKey(memory.keptBack, id);
  forgetQueue(transaction, id);
  forgetPlacesGone(transaction, move);
  if (anew) {
    forgiveTries(transaction, id);
    retryBlocked(transaction, move);
  }
  transaction.ask({ type: 'look_through', move: id });
}

function newMove(id: string, enabled: boolean): MoveState {
  return {
    ...{ id, enabled, file_enabled: enabled, paused: false, leaving: false },
    ...{ moved: 0, moved_bytes: 0, failures: 0, last_error: null },
    ...{ replot_credit: {}, replot_told: [] },
  };
}

/** What may be in its place, where that is a destination no more, is given up: its disk may be gone for good. */
function forgetPlacesGone(transaction: Transaction, move: MoveState): void {
  for (const transfer of transfersOf(transaction, move))
    if (isHalted(transfer) && !isDestination(transaction, transfer))
      giveUpTransfer(transaction, move, transfer);
}

/**
 * A move that is in config.yaml no more goes with its last file: what may be in its place already is made sure of first,
 * so that no other move brings it elsewhere too. Returns whether it is gone.
 */
export function removeIfLeft(transaction: Transaction, move: MoveState): boolean {
  const goesOn = (transfer: TransferState) =>
    isUnderWay(transfer) || (transfer.step === 'waiting' && move.enabled);
  if (!move.leaving || transfersOf(transaction, move).some(goesOn)) return false;
  for (const transfer of transfersOf(transaction, move)) giveUpTransfer(transaction, move, transfer);
  passOnCredit(transaction, move);
  transaction.change(['move', move.id, null]);
  transaction.ask({ type: 'wake', timer: { kind: 'move', move: move.id }, at: null });
  transaction.touchMove(move.id);
  forgetQueue(transaction, move.id);
  forgiveTries(transaction, move.id);
  return true;
}

/** Sets values of a move. `enabled` has what has failed tried again, too. */
export function setMove(transaction: Transaction, move: MoveState, { enabled, paused }: MoveSettings): void {
  if (enabled !== undefined) transaction.patchMove(move, { enabled });
  if (paused !== undefined) transaction.patchMove(move, { paused });
  if (enabled) {
    forgiveTries(transaction, move.id);
    transaction.memory.lookedAfter = withValue(transaction.memory.lookedAfter, move.id);
    retryBlocked(transaction, move);
  }
  suspendTransfers(transaction, move);
  if (!removeIfLeft(transaction, move)) considerMove(transaction, move);
}

/** What the farm holds has changed. */
export function holdsOfMovesChanged(transaction: Transaction): void {
  for (const move of transaction.state.moves.values()) suspendTransfers(transaction, move);
  reconsiderMoves(transaction);
}

/** The directories of a move were looked through. */
export function lookedThrough(
  transaction: Transaction,
  input: Extract<Input, { type: 'looked_through' }>,
): void {
  const move = transaction.state.moves.get(input.move);
  if (!move || move.leaving) return;
  const before = queueOf(transaction, move).length;
  fillQueue(transaction, move, input);
  if (before > 0) tellIfIdle(transaction, move);
  considerMove(transaction, move);
}

/** A worker has ended: what it has made may be moved now. */
export function lookThroughAll(transaction: Transaction): void {
  for (const { id, enabled } of transaction.state.moves.values())
    if (enabled) transaction.ask({ type: 'look_through', move: id });
}
