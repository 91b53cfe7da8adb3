import { withKey, withoutValue } from '../model/collections.ts';
import type { MoveState } from '../model/move-state.ts';
import type { TransferState } from '../model/transfer-state.ts';
import type { ChosenPlot } from '../model/worker-state.ts';
import type { Transaction } from '../transaction.ts';
import { noteBytes } from '../working/written-bytes.ts';
import type { MadeRoom } from './facts.ts';
import { settingGates } from './gates-of-move.ts';
import { withOneMore } from './pace.ts';
import { failedTry, giveBack } from './transfer-ends.ts';

/** The old plots that go for a transfer are chosen and in its state: they go one after the other. */
export function beginMakingRoom(transaction: Transaction, transfer: TransferState): void {
  // Before they go it is known which ones do: after a loss of power no others are looked for.
  transaction.flush();
  transaction.memory.lookedAfter = withoutValue(transaction.memory.lookedAfter, transfer.move);
  askForNext(transaction, transfer, false);
}

/** A transfer has the room that it needs: its first process starts. */
export function launchFirst(
  transaction: Transaction,
  { id, move, file, to, size, maker }: TransferState,
): void {
  transaction.tell('move_started', maker, { move, plot: file, to, size });
  transaction.ask({ type: 'transfer', transfer: id });
}

/** After a restart of the daemon it is only seen whether the next one went: whether more must, another look tells. */
export function recoverMakingRoom(transaction: Transaction, transfer: TransferState): void {
  noteCleared(transaction, transfer);
  askForNext(transaction, transfer, true);
}

/** Nobody knows how long ago what stands as a credit went: its room may not be seen yet. */
export function recoverCredits({ state, memory, steady }: Transaction): void {
  for (const { replot_credit } of state.moves.values())
    for (const filesystem of Object.keys(replot_credit))
      memory.clearedAt = withKey(memory.clearedAt, filesystem, steady);
}

function askForNext(transaction: Transaction, { id, replot }: TransferState, only_look: boolean): void {
  const [next] = replot;
  if (next) transaction.ask({ type: 'make_room', transfer: id, file: next.file, only_look });
}

/** An old plot is gone for a transfer, or stays. */
export function roomMade(
  transaction: Transaction,
  transfer: TransferState,
  { file, outcome }: { file: string; outcome: MadeRoom },
): void {
  const move = transaction.state.moves.get(transfer.move);
  const [next] = transfer.replot;
  if (!move || transfer.step !== 'making_room' || next?.file !== file) return;
  switch (outcome.kind) {
    case 'removed':
      noteRemoved(transaction, transfer, next);
      return goOn(transaction, move, transfer);
    case 'gone':
      noteRemoved(transaction, transfer, next);
      return giveBack(transaction, move, transfer);
    case 'there':
      return giveBack(transaction, move, transfer);
    case 'enough':
      transaction.patchTransfer(transfer, { replot: [] });
      return goOn(transaction, move, transfer);
    case 'failed':
      return failedTry(transaction, move, transfer, { ...outcome, pinned: false });
    default:
      outcome satisfies never;
  }
}

/** The next one goes, or the plot; nothing more goes for a move that may not go on: what went is its credit. */
function goOn(transaction: Transaction, move: MoveState, transfer: TransferState): void {
  const closed = settingGates(transaction, move).some(({ gate, open }) => gate !== 'limit' && !open);
  if (closed || move.leaving || !transaction.memory.up) return giveBack(transaction, move, transfer);
  if (transfer.replot.length > 0) return askForNext(transaction, transfer, false);
  transaction.patchTransfer(transfer, { step: 'moving', began_at: transaction.steady });
  launchFirst(transaction, transfer);
}

function noteRemoved(
  transaction: Transaction,
  transfer: TransferState,
  { file, size, filesystem = '' }: ChosenPlot,
): void {
  const { move, maker, replot, replot_room: before } = transfer;
  transaction.patchTransfer(transfer, {
    replot: replot.slice(1),
    replot_room: { filesystem, sizes: [...(before?.sizes ?? []), size] },
  });
  noteCleared(transaction, transfer);
  transaction.change(['meta', { replot_pace: withOneMore(transaction.state.replot_pace, transaction.now) }]);
  transaction.tell('replot_removed', maker, { file, size, move });
  noteBytes(transaction, null, file, -size);
}

/** Whoever looks at the room of that file system must have begun since. */
function noteCleared({ memory, steady }: Transaction, { filesystem }: TransferState): void {
  memory.clearedAt = withKey(memory.clearedAt, filesystem, steady);
}
