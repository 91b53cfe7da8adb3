import type { Input } from '../inputs.ts';
import { withKey, withoutKey, withoutValue, withValue } from '../model/collections.ts';
import type { MoveState } from '../model/move-state.ts';
import type { Maker, TransferState } from '../model/transfer-state.ts';
import type { State } from '../model/state.ts';
import { basename } from 'node:path';
import type { Transaction } from '../transaction.ts';
import { choosePlace } from './choose-place.ts';
import type { FinishedPlot, KeptBack, PlaceFacts } from './facts.ts';
import { settingGates } from './gates-of-move.ts';
import { isDue, leaveQueueOf, queueOf } from './move-queue.ts';
import { trafficOf } from './traffic.ts';

/** What keeps files back is looked at again so often: a little after a failed try may be followed by the next. */
const LOOK_AGAIN_MS = 30_100;

/** Something may have opened a gate of moves, or closed one: what may begin is looked at again. */
export function reconsiderMoves(transaction: Transaction): void {
  for (const move of transaction.state.moves.values()) considerMove(transaction, move);
}

/** The same for one move: where a file may begin, its destinations are looked at. */
export function considerMove(transaction: Transaction, move: MoveState): void {
  const { memory } = transaction;
  transaction.touchMove(move.id);
  if (memory.surveying.has(move.id) || !mayBegin(transaction, move)) return;
  if (!queueOf(transaction, move).some((plot) => isDue(transaction, plot))) return;
  memory.surveying = withValue(memory.surveying, move.id);
  transaction.ask({ type: 'survey', move: move.id });
}

function mayBegin(transaction: Transaction, move: MoveState): boolean {
  return transaction.memory.up && settingGates(transaction, move).every(({ open }) => open);
}

/** Its destinations were looked at: as many files begin as there is room and leave for. */
export function surveyed(transaction: Transaction, input: Extract<Input, { type: 'surveyed' }>): void {
  const { state, memory } = transaction;
  const isWanted = memory.surveying.has(input.move);
  memory.surveying = withoutValue(memory.surveying, input.move);
  const move = state.moves.get(input.move);
  // A look that nobody waits for any more is stale.
  if (!move || !isWanted) return;
  transaction.touchMove(move.id);
  const kept = beginAll(transaction, move, input);
  memory.keptBack = kept ? withKey(memory.keptBack, move.id, kept) : withoutKey(memory.keptBack, move.id);
  if (kept) lookAgainLater(transaction, move);
}

/** Asks for another look at what keeps the files of a move, in a while. */
export function lookAgainLater(transaction: Transaction, { id }: MoveState): void {
  const timer = { kind: 'move', move: id } as const;
  transaction.ask({ type: 'wake', timer, at: transaction.now + LOOK_AGAIN_MS });
}

/** Returns what keeps the next file; `null`: nothing that a look at the disks could tell. */
function beginAll(
  transaction: Transaction,
  move: MoveState,
  { places, used }: Extract<Input, { type: 'surveyed' }>,
): KeptBack | null {
  const { settings, memory, steady } = transaction;
  const entry = settings.moves.get(move.id);
  /** A plot that is as large as one for which there was no place has none either. */
  let tooLarge = Number.POSITIVE_INFINITY;
  let kept: KeptBack | null = null;
  const failing = (directory: string) => {
    const { until } = memory.failing.get(directory) ?? {};
    return until === undefined ? 'never' : until > steady ? 'now' : 'before';
  };
  for (const plot of queueOf(transaction, move)) {
    if (!entry || !mayBegin(transaction, move)) break;
    if (plot.size >= tooLarge || !isDue(transaction, plot)) continue;
    const traffic = trafficOf(transaction, used);
    const { choose: choice } = entry;
    const placing = choosePlace({ plot, places, traffic, choice, disks: settings.disks, failing });
    if ('place' in placing) {
      begin(transaction, move, plot, placing.place);
      continue;
    }
    kept ??= placing.kept;
    if (placing.kept.waiting_for !== 'dest_full') break;
    tooLarge = plot.size;
  }
  return kept;
}

function begin(transaction: Transaction, move: MoveState, plot: FinishedPlot, place: PlaceFacts): void {
  const { state, memory, steady } = transaction;
  const { file, size, ino, mtime_ns, device } = plot;
  const transfer: TransferState = {
    id: newId(transaction, move),
    move: move.id,
    ...{ file, to: place.directory, filesystem: place.device, renames: device === place.st_dev },
    ...{ size, device, ino, mtime_ns, maker: makerOf(state, file) },
    ...{ step: 'moving', pinned: false, attempt: (memory.tries.get(file)?.count ?? 0) + 1 },
    ...{ launches: 1, silent: 0, began_at: steady, due: null },
    ...{ process: null, stopping: false, suspended: false },
  };
  leaveQueueOf(transaction, move, plot);
  transaction.change(['transfer', transfer.id, transfer]);
  transaction.tell('move_started', transfer.maker, { move: move.id, plot: file, to: transfer.to, size });
  transaction.ask({ type: 'transfer', transfer: transfer.id });
}

/** Unique for ever, since a process of an earlier one may be alive somewhere. */
function newId({ state, surroundings }: Transaction, move: MoveState): string {
  for (;;) {
    const id = `${move.id}-${surroundings.random()}`;
    if (!state.transfers.has(id)) return id;
  }
}

function makerOf({ made }: State, file: string): Maker | null {
  const known = made.get(basename(file));
  return known ? { job: known.job, slot: known.slot, worker: known.worker } : null;
}
