import { basename, dirname, join } from 'node:path';
import { historyKey } from '../../storage/history.ts';
import { fireAtEnd } from '../jobs/named-events.ts';
import { withKey, withoutKey } from '../model/collections.ts';
import type { HistoryLine } from '../model/history-line.ts';
import type { MoveState } from '../model/move-state.ts';
import type { Maker, TransferState } from '../model/transfer-state.ts';
import { reconsider } from '../starting/reconsider.ts';
import type { Transaction } from '../transaction.ts';
import { answerEnding } from '../working/ending.ts';
import { noteBrought } from '../working/new-files.ts';
import { considerMove, lookAgainLater, reconsiderMoves } from './begin-transfers.ts';
import { leaveCreditOfMove } from './credit.ts';
import type { TransferEnd } from './facts.ts';
import { MAX_TRIES, queueOf, rejoinQueue } from './move-queue.ts';
import { removeIfLeft } from './moves.ts';
import { isDestination, launchAgain, letWait, transfersOf } from './transfers.ts';

/** After a failed try the next one comes so much later, and a destination that has failed is left out so long at first. */
const AGAIN_MS = 30_000;
const LONGEST_LEFT_OUT_MS = 10 * 60_000;
/** Processes of one transfer that ended without a word, in a row, beyond which it counts as a failed try. */
const MAX_SILENT = 3;

/** The process of a transfer has ended; `launch`: which of its processes. */
export function transferEnded(
  transaction: Transaction,
  transfer: TransferState,
  { end, launch, ended_at }: { end: TransferEnd; launch: number; ended_at: number },
): void {
  const move = transaction.state.moves.get(transfer.move);
  if (!move || transfer.step !== 'moving' || launch !== transfer.launches) return;
  transaction.memory.copied = withoutKey(transaction.memory.copied, transfer.id);
  switch (end.kind) {
    case 'moved':
      return arrived(transaction, move, transfer, ended_at);
    case 'failed':
      return failedTry(transaction, move, transfer, end);
    case 'stopped':
      if (transfer.stopping && !transfer.pinned) return giveBack(transaction, move, transfer);
      if (transfer.stopping) return standBy(transaction, move, transfer);
      return failedTry(transaction, move, transfer, {
        side: 'other',
        pinned: transfer.pinned,
        error: 'it was stopped from outside',
      });
    case 'lost':
      return lost(transaction, move, transfer, end.with_host);
    default:
      end satisfies never;
  }
}

/** Nobody knows how far it was: another process finds that out, where it was and nowhere else. */
function lost(transaction: Transaction, move: MoveState, transfer: TransferState, withHost: boolean): void {
  if (transfer.stopping) return standBy(transaction, move, transfer);
  if (withHost) return launchAgain(transaction, transfer, { pinned: true });
  const silent = transfer.silent + 1;
  if (silent < MAX_SILENT) return launchAgain(transaction, transfer, { pinned: true, silent });
  transaction.patchTransfer(transfer, { silent: 0 });
  failedTry(transaction, move, transfer, {
    side: 'other',
    pinned: true,
    error: 'its process was killed, each time',
  });
}

/** Stopped before it was known whether it is in its place: it goes on there once it may. */
function standBy(transaction: Transaction, move: MoveState, transfer: TransferState): void {
  letWait(transaction, transfer, { step: 'waiting', due: transaction.steady, silent: 0 });
  ended(transaction, move, transfer);
}

/** Stopped before it had come to anything: its plot waits again, and what went for it is the move's credit. */
export function giveBack(transaction: Transaction, move: MoveState, transfer: TransferState): void {
  requeue(transaction, move, transfer);
  leaveCreditOfMove(transaction, move, transfer);
  remove(transaction, move, transfer);
  ended(transaction, move, transfer);
}

/** The plot is whole in its destination, and nowhere else. */
function arrived(transaction: Transaction, move: MoveState, transfer: TransferState, ended_at: number): void {
  const { memory } = transaction;
  const { file, to, size, maker } = transfer;
  const plot = join(to, basename(file));
  const duration_s = Math.max(0, Math.round(ended_at - transfer.began_at)) / 1000;
  memory.tries = withoutKey(memory.tries, file);
  memory.failing = withoutKey(memory.failing, to);
  memory.arrived = withKey(memory.arrived, file, { move: move.id, at: transaction.steady });
  transaction.patchMove(move, {
    ...{ moved: move.moved + 1, moved_bytes: move.moved_bytes + size },
    ...{ failures: 0, last_error: null },
  });
  remove(transaction, move, transfer);
  noteBrought(transaction, basename(file), transfer.id);
  transaction.tell('move_finished', maker, { move: move.id, plot, from: dirname(file), size, duration_s });
  // It survives a loss of power, so that it is told and counted once.
  transaction.flush();
  if (maker) followPlot(transaction, maker, { file, plot, size, to, duration_s });
  tellIfIdle(transaction, move);
  // There is more room where it was.
  reconsider(transaction, 'all');
  ended(transaction, move, transfer);
}

/** What is told of a job's plot tells where it is now. */
function followPlot(
  transaction: Transaction,
  maker: Maker,
  {
    file,
    plot,
    size,
    to,
    duration_s,
  }: { file: string; plot: string; size: number; to: string; duration_s: number },
): void {
  const job = transaction.state.jobs.get(maker.job);
  const line = movedLine(transaction, maker, { plot, size, to, duration_s });
  transaction.change(['history', historyKey(line), line]);
  transaction.ask({ type: 'history' });
  if (!job) return;
  if (job.last_plot !== null && basename(job.last_plot) === basename(file))
    transaction.patchJob(job, { last_plot: plot });
  fireAtEnd(transaction, job, { id: maker.worker, slot: maker.slot }, { on: 'move_finished' });
}

function movedLine(
  { now }: Transaction,
  { job, slot, worker }: Maker,
  { plot, size, to, duration_s }: { plot: string; size: number; to: string; duration_s: number },
): HistoryLine {
  return {
    ...{ worker, run: null, cause: null, job, slot, plotter: null, result: 'moved', plot, size },
    ...{ temp_dir: null, dest_dir: to, phases: {}, error: null, duration_s },
    ...{ energy_kwh: null, cost: null },
    started_at: new Date(now - duration_s * 1000).toISOString(),
    ended_at: new Date(now).toISOString(),
  };
}

/** A try that has come to nothing, or whose end isn't known (`pinned`). */
export function failedTry(
  transaction: Transaction,
  move: MoveState,
  transfer: TransferState,
  { side, pinned, gone = false, error }: Omit<Extract<TransferEnd, { kind: 'failed' }>, 'kind'>,
): void {
  const { memory, steady } = transaction;
  const { file, to, attempt, maker } = transfer;
  transaction.patchMove(move, { failures: move.failures + 1, last_error: error });
  if (side === 'destination') leaveOut(transaction, to);
  if (gone) {
    // Nobody has it any more: there is nothing to be tried again.
    memory.tries = withoutKey(memory.tries, file);
    leaveCreditOfMove(transaction, move, transfer);
    remove(transaction, move, transfer);
  } else if ((pinned || (transfer.pinned && side !== 'other')) && isDestination(transaction, transfer)) {
    // Only who finds another file there knows that it isn't in its place. Where that is a destination no more, nobody
    // brings it back there.
    const isLast = attempt >= MAX_TRIES;
    letWait(transaction, transfer, {
      step: isLast ? 'blocked' : 'waiting',
      due: isLast ? null : steady + AGAIN_MS,
      attempt: isLast ? attempt : attempt + 1,
    });
  } else {
    memory.tries = withKey(memory.tries, file, { move: move.id, count: attempt, again: steady + AGAIN_MS });
    requeue(transaction, move, transfer);
    leaveCreditOfMove(transaction, move, transfer);
    remove(transaction, move, transfer);
  }
  transaction.tell('move_failed', maker, { move: move.id, plot: file, to, attempt, error });
  if (gone) tellIfIdle(transaction, move);
  transaction.ask({ type: 'look_through', move: move.id });
  lookAgainLater(transaction, move);
  ended(transaction, move, transfer);
}

/** A destination that has failed in writing is left out for a while, longer each time. */
function leaveOut({ memory, steady }: Transaction, directory: string): void {
  const times = (memory.failing.get(directory)?.times ?? 0) + 1;
  const wait = Math.min(AGAIN_MS * 2 ** (times - 1), LONGEST_LEFT_OUT_MS);
  memory.failing = withKey(memory.failing, directory, { until: steady + wait, times });
}

function requeue(transaction: Transaction, move: MoveState, transfer: TransferState): void {
  const { file, size, ino, mtime_ns, device } = transfer;
  rejoinQueue(transaction, move, { file, size, ino, mtime_ns, device });
}

/** It may be in its place, and nobody looks there any more: what went for it is the move's credit. */
export function giveUpTransfer(transaction: Transaction, move: MoveState, transfer: TransferState): void {
  leaveCreditOfMove(transaction, move, transfer);
  remove(transaction, move, transfer);
}

function remove(transaction: Transaction, move: MoveState, { id }: TransferState): void {
  transaction.change(['transfer', id, null]);
  transaction.touchMove(move.id);
  transaction.ask({ type: 'wake', timer: { kind: 'transfer', transfer: id }, at: null });
  transaction.ask({ type: 'forget_transfer', transfer: id });
}

/** A process has ended: others may begin in its place. */
function ended(transaction: Transaction, move: MoveState, transfer: TransferState): void {
  const { memory } = transaction;
  if (transfersOf(transaction, move).every(({ step }) => step !== 'moving'))
    memory.speeds = withoutKey(memory.speeds, move.id);
  answerEnding(transaction, transfer.id);
  if (!removeIfLeft(transaction, move)) considerMove(transaction, move);
  // They may have waited for the same disk.
  reconsiderMoves(transaction);
}

/** `move_idle`: nothing is left to do. */
export function tellIfIdle(transaction: Transaction, move: MoveState): void {
  const { memory } = transaction;
  const isEmpty = memory.queues.has(move.id) && queueOf(transaction, move).length === 0;
  if (isEmpty && transfersOf(transaction, move).length === 0)
    transaction.tell('move_idle', null, { move: move.id });
}
