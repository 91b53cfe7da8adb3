import { rulesFor } from '../../config/schema/disks.ts';
import { hasMoved } from '../../util/steady-time.ts';
import { meantBy } from '../../util/directory-patterns.ts';
import { withKey } from '../model/collections.ts';
import type { Settings } from '../memory.ts';
import type { MoveState } from '../model/move-state.ts';
import type { TransferState } from '../model/transfer-state.ts';
import type { Transaction } from '../transaction.ts';
import type { Copied } from './facts.ts';
import { isSuspended, whyHeld } from './held-moves.ts';
import { recoverCredits, recoverMakingRoom } from './make-room.ts';
import { isHalted, isUnderWay } from './under-way.ts';

/** The speed of a move is shown anew no more often than this (contract, section 6), and known after so long at first. */
const RENEWED_MS = 60_000;
const FIRST_KNOWN_MS = 5_000;

/** The plots that a move has on their way. */
export function transfersOf(
  { state }: Pick<Transaction, 'state'>,
  { id }: Pick<MoveState, 'id'>,
): TransferState[] {
  return [...state.transfers.values()].filter(({ move }) => move === id);
}

/** Whether its move still brings plots to where it goes; one that config.yaml has no more goes on as it was. */
export function isDestination(
  { settings }: { settings: Pick<Settings, 'moves'> },
  { move, to }: TransferState,
): boolean {
  const entry = settings.moves.get(move);
  return entry === undefined || entry.to.some((pattern) => meantBy(pattern, to) === to);
}

/** The process of a transfer runs: just started, or found again. */
export function transferLaunched(
  transaction: Transaction,
  transfer: TransferState,
  { pid, started_at = transaction.steady }: { pid: number; started_at?: number },
): void {
  if (transfer.step !== 'moving') return;
  transaction.patchTransfer(transfer, { process: { pid, at: started_at } });
  if (transfer.stopping) return transaction.ask({ type: 'stop_transfer', transfer: transfer.id });
  // One that was found again may have missed the last word on its pause.
  transaction.ask({
    type: transfer.suspended ? 'suspend_transfer' : 'resume_transfer',
    transfer: transfer.id,
  });
}

/** Its limits and its room are those of the file system that is there by now. */
export function transferLocated(transaction: Transaction, transfer: TransferState, filesystem: string): void {
  if (transfer.filesystem !== filesystem) transaction.patchTransfer(transfer, { filesystem });
}

/** Its process says how far it is: only shown, since it says it again after a crash. */
export function transferCopied(transaction: Transaction, transfer: TransferState, bytes: number): void {
  const { memory, steady } = transaction;
  const known = memory.copied.get(transfer.id);
  const since = known?.since ?? { bytes, at: steady };
  const took = steady - since.at;
  const isRenewed = took >= (known?.shown ? RENEWED_MS : FIRST_KNOWN_MS) && bytes > since.bytes;
  const copied: Copied = isRenewed
    ? { bytes, since: { bytes, at: steady }, shown: speedOf(transfer, { bytes, since, steady, known }) }
    : { bytes, since, shown: known?.shown ?? null };
  memory.copied = withKey(memory.copied, transfer.id, copied);
  transaction.touchMove(transfer.move);
  if (isRenewed) renewSpeed(transaction, transfer.move);
}

function speedOf(
  { size }: TransferState,
  {
    bytes,
    since,
    steady,
    known,
  }: Pick<Copied, 'bytes' | 'since'> & { steady: number; known?: Copied | undefined },
): Copied['shown'] {
  const perMs = (bytes - since.bytes) / (steady - since.at);
  const done_at = steady + Math.max(0, size - bytes) / perMs;
  const before = known?.shown?.done_at ?? null;
  const isSteady = before !== null && !hasMoved(before, done_at, steady);
  return { bytes_per_s: Math.round(perMs * 1000), done_at: isSteady ? before : done_at };
}

/** All its files together, no more often than once a minute. */
function renewSpeed({ state, memory, steady }: Transaction, move: string): void {
  const before = memory.speeds.get(move);
  if (before && steady - before.at < RENEWED_MS) return;
  let bytes_per_s = 0;
  for (const transfer of state.transfers.values())
    if (transfer.move === move) bytes_per_s += memory.copied.get(transfer.id)?.shown?.bytes_per_s ?? 0;
  memory.speeds = withKey(memory.speeds, move, { bytes_per_s, at: steady });
}

/** Ends what is on its way; it begins anew when it may. */
export function stopTransfer(transaction: Transaction, transfer: TransferState): void {
  if (transfer.step !== 'moving' || transfer.stopping) return;
  transaction.patchTransfer(transfer, { stopping: true });
  transaction.ask({ type: 'stop_transfer', transfer: transfer.id });
}

/** What holds moves, or one of them, is another than before: its files stand still, or go on. */
export function suspendTransfers(transaction: Transaction, move: MoveState): void {
  const suspended = isSuspended(transaction.state, move);
  transaction.touchMove(move.id);
  for (const transfer of transfersOf(transaction, move)) {
    if (transfer.suspended === suspended || transfer.step !== 'moving' || transfer.stopping) continue;
    transaction.patchTransfer(transfer, { suspended });
    if (transfer.process !== null)
      transaction.ask({ type: suspended ? 'suspend_transfer' : 'resume_transfer', transfer: transfer.id });
  }
  if (suspended || whyHeld(transaction.state, move) !== null) return;
  for (const transfer of transfersOf(transaction, move))
    if (transfer.step === 'waiting') wake(transaction, transfer);
}

/** A transfer may be in its place already: it is begun again there, if it is time and nothing holds it. */
export function transferDue(transaction: Transaction, transfer: TransferState): void {
  const { state, memory } = transaction;
  const move = state.moves.get(transfer.move);
  if (transfer.step !== 'waiting' || !memory.up || !move) return;
  if (!move.enabled || whyHeld(state, move) !== null) return;
  if (!isDue(transaction, transfer)) return wake(transaction, transfer);
  if (hasTurn(transaction, transfer)) launchAgain(transaction, transfer, {});
}

/** Something may have given those that wait to be tried again their turn: they have it before any other file. */
export function takeTurns(transaction: Transaction, move: MoveState): void {
  for (const transfer of transfersOf(transaction, move))
    if (transfer.step === 'waiting' && isDue(transaction, transfer)) transferDue(transaction, transfer);
}

function isDue({ steady }: Transaction, { due }: TransferState): boolean {
  return due === null || due - steady <= EARLY_MS;
}

/** Whether one more may write to its file system, and its move have one more on the way. */
function hasTurn({ state, settings }: Transaction, { id, move, to, filesystem }: TransferState): boolean {
  const others = [...state.transfers.values()].filter((other) => isUnderWay(other) && other.id !== id);
  const onDisk = others.filter((other) => other.filesystem === filesystem).length;
  const ofMove = others.filter((other) => other.move === move).length;
  const most = settings.moves.get(move)?.max_moves ?? Number.POSITIVE_INFINITY;
  return onDisk < rulesFor(settings.disks, to).max_moves && ofMove < most;
}

/** The clocks of timers and of durations may differ by so much. */
const EARLY_MS = 1_000;

function wake(transaction: Transaction, { id, due }: TransferState): void {
  const at = due === null ? transaction.now : transaction.clockAt(due);
  transaction.ask({
    type: 'wake',
    timer: { kind: 'transfer', transfer: id },
    at: Math.max(at, transaction.now),
  });
}

/** Another process for the same transfer: it finds what the one before it has left. */
export function launchAgain(
  transaction: Transaction,
  transfer: TransferState,
  patch: Partial<TransferState>,
): void {
  transaction.patchTransfer(transfer, {
    ...{ step: 'moving', due: null, process: null, stopping: false },
    launches: transfer.launches + 1,
    ...patch,
  });
  transaction.ask({ type: 'transfer', transfer: transfer.id });
}

/** It may be in its place already, so that it waits for another try there; for good, once it has failed too often. */
export function letWait(
  transaction: Transaction,
  transfer: TransferState,
  patch: Pick<TransferState, 'step' | 'due'> & Partial<TransferState>,
): void {
  transaction.patchTransfer(transfer, {
    ...{ process: null, stopping: false, suspended: false, pinned: true },
    ...patch,
  });
  if (patch.step === 'waiting') wake(transaction, transfer);
}

/** Somebody has looked after a move: what was left alone is tried again at once. */
export function retryBlocked(transaction: Transaction, move: MoveState): void {
  for (const transfer of transfersOf(transaction, move))
    if (isHalted(transfer))
      letWait(transaction, transfer, { step: 'waiting', due: transaction.steady, attempt: 1, silent: 0 });
}

/** After a restart of the daemon: processes are looked for, and what waits goes on waiting. */
export function recoverTransfers(transaction: Transaction, goesOn: boolean): void {
  recoverCredits(transaction);
  for (const transfer of transaction.state.transfers.values()) {
    transaction.ask({ type: 'locate_transfer', transfer: transfer.id });
    if (transfer.step === 'making_room') recoverMakingRoom(transaction, transfer);
    else if (transfer.step === 'moving') {
      if (!goesOn) transaction.patchTransfer(transfer, { began_at: transaction.steady });
      transaction.ask({ type: 'transfer', transfer: transfer.id });
    } else
      letWait(transaction, transfer, { step: 'waiting', due: transaction.steady, attempt: 1, silent: 0 });
  }
}
