import type { Input } from '../inputs.ts';
import { withKey, withoutKey } from '../model/collections.ts';
import type { MoveState } from '../model/move-state.ts';
import type { Maker, TransferState } from '../model/transfer-state.ts';
import type { State } from '../model/state.ts';
import type { ChosenPlot } from '../model/worker-state.ts';
import { basename } from 'node:path';
import type { Transaction } from '../transaction.ts';
import { choosePlace } from './choose-place.ts';
import { takeCreditOfMove } from './credit.ts';
import type { FinishedPlot, KeptBack, PlaceFacts, SurveyedOldPlots } from './facts.ts';
import { settingGates } from './gates-of-move.ts';
import { isDue, leaveQueueOf, queueOf } from './move-queue.ts';
import { beginMakingRoom, launchFirst } from './make-room.ts';
import { placeByOldPlots } from './place-by-old-plots.ts';
import { bytesToCome, trafficOf } from './traffic.ts';
import { takeTurns } from './transfers.ts';

/** What keeps files back is looked at again so often: a little after a failed try may be followed by the next. */
const LOOK_AGAIN_MS = 30_100;

/** Something may have opened a gate of moves, or closed one: what may begin is looked at again. */
export function reconsiderMoves(transaction: Transaction): void {
  for (const move of transaction.state.moves.values()) considerMove(transaction, move);
}

/** The same for one move: what waits to be tried again has its turn; where a file may begin, its destinations are looked at. */
export function considerMove(transaction: Transaction, move: MoveState): void {
  const { memory } = transaction;
  transaction.touchMove(move.id);
  takeTurns(transaction, move);
  if (memory.surveying.has(move.id) || !mayBegin(transaction, move)) return;
  const due = queueOf(transaction, move).filter((plot) => isDue(transaction, plot));
  if (due.length === 0) return;
  const number = memory.surveys + 1;
  memory.surveys = number;
  memory.surveying = withKey(memory.surveying, move.id, number);
  transaction.ask({ type: 'survey', move: move.id, number, files: mayGetOldPlots(transaction, move, due) });
}

/** The next files, where old plots may go for them. */
function mayGetOldPlots(
  { settings }: Transaction,
  { id }: MoveState,
  due: readonly FinishedPlot[],
): readonly FinishedPlot[] {
  const entry = settings.moves.get(id);
  return entry?.replot === undefined ? [] : due.slice(0, entry.max_moves);
}

function mayBegin(transaction: Transaction, move: MoveState): boolean {
  return transaction.memory.up && settingGates(transaction, move).every(({ open }) => open);
}

/** Its destinations were looked at: as many files begin as there is room and leave for. */
export function surveyed(transaction: Transaction, input: Extract<Input, { type: 'surveyed' }>): void {
  const { state, memory } = transaction;
  // A look that nobody waits for any more is stale: config.yaml may say something else since it began.
  if (memory.surveying.get(input.move) !== input.number) return;
  memory.surveying = withoutKey(memory.surveying, input.move);
  const move = state.moves.get(input.move);
  if (!move) return;
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
  { places, used, written, old_plots }: Extract<Input, { type: 'surveyed' }>,
): KeptBack | null {
  const { state, settings, memory, steady } = transaction;
  const toCome = (transfer: TransferState) => bytesToCome(transaction, transfer, written.get(transfer.id));
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
    const traffic = trafficOf(state, used, toCome);
    const { choose: choice } = entry;
    const placeCase = { plot, places, traffic, choice, disks: settings.disks, failing };
    const placing = choosePlace(placeCase);
    if ('place' in placing) {
      begin(transaction, move, plot, { place: placing.place, look: old_plots });
      continue;
    }
    const instead = placeByOldPlots(transaction, move, { ...placeCase, plot, entry, look: old_plots });
    if ('place' in instead) {
      begin(transaction, move, plot, { ...instead, look: old_plots });
      continue;
    }
    const { kept: keeps, beside } = placing;
    const why = keeps.waiting_for === 'dest_full' ? instead.why : '';
    kept ??= { ...keeps, text: `${keeps.text}${why}${beside}` };
    if (keeps.waiting_for !== 'dest_full') break;
    tooLarge = plot.size;
  }
  return kept;
}

/** Where a plot goes, and the old plots that go for it. */
interface Beginning {
  place: PlaceFacts;
  look: SurveyedOldPlots | undefined;
  plots?: readonly ChosenPlot[];
}

function begin(
  transaction: Transaction,
  move: MoveState,
  plot: FinishedPlot,
  { place, look, plots = [] }: Beginning,
): void {
  const { state, memory, steady } = transaction;
  const makesRoom = plots.length > 0;
  const { file, size, ino, mtime_ns, device } = plot;
  const transfer: TransferState = {
    id: newId(transaction, move),
    move: move.id,
    ...{ file, to: place.directory, filesystem: place.device, renames: device === place.st_dev },
    ...{ size, device, ino, mtime_ns, maker: makerOf(state, file) },
    ...{
      step: makesRoom ? 'making_room' : 'moving',
      pinned: false,
      attempt: (memory.tries.get(file)?.count ?? 0) + 1,
    },
    ...{ launches: 1, silent: 0, began_at: steady, due: null },
    ...{ process: null, stopping: false, suspended: false },
    replot: [...plots],
    replot_room: takeCreditOfMove(transaction, move, {
      filesystem: look?.by_directory.get(place.directory)?.filesystem ?? null,
      need: device === place.st_dev ? 0 : size,
      chosen: plots.length,
    }),
  };
  leaveQueueOf(transaction, move, plot);
  transaction.change(['transfer', transfer.id, transfer]);
  if (makesRoom) beginMakingRoom(transaction, transfer);
  else launchFirst(transaction, transfer);
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
