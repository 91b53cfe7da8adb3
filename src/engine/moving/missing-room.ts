import type { UsedRoom } from '../inputs.ts';
import type { State } from '../model/state.ts';
import type { TransferState } from '../model/transfer-state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { plotsToBegin } from '../starting/plots-of-run.ts';
import { remainingRoom, stillTakesRoom } from '../starting/places/remaining-room.ts';
import { mayGrow } from '../working/stages.ts';
import { willRemovePlot } from './replot-rule.ts';
import { isUnderWay } from './under-way.ts';

const NOTHING_USED: UsedRoom = { temp_bytes: 0, plot_bytes: 0 };

/** What workers in flight, and plots on their way by a move, do to the room of one file system. */
export interface RoomInFlight {
  /** Bytes that they will still take, workers left out that have still to choose their old plots: see `seekers`. */
  reserved: number;
  /** Bytes of old plots that are chosen and still there. */
  going: number;
  /** Files of these, on whatever file system. */
  chosen: ReadonlySet<string>;
  /** Workers that will make room for themselves. */
  seekers: WorkerState[];
}

/** How far those in flight are. */
export interface Progressed {
  /** What each worker has taken so far, where it is known. */
  used: ReadonlyMap<string, UsedRoom> | null;
  /** Bytes that a transfer will still take of its file system. */
  toCome: (transfer: TransferState) => number;
}

/** What all in flight but the worker `self` do to a file system. */
export function roomInFlight(
  state: State,
  filesystem: string,
  { used, toCome }: Progressed,
  self: WorkerState | null = null,
): RoomInFlight {
  const chosen = new Set<string>();
  const seekers: WorkerState[] = [];
  let [reserved, going] = [0, 0];
  for (const worker of state.workers.values()) {
    if (worker === self || !stillTakesRoom(worker)) continue;
    const removes = willRemovePlot(worker) && destinationFileSystem(worker) === filesystem;
    if (removes && worker.replot.length === 0) {
      seekers.push(worker);
      continue;
    }
    reserved += stillToTake(state, worker, filesystem, used);
    for (const { file, size } of removes ? worker.replot : []) {
      chosen.add(file);
      going += size;
    }
  }
  for (const { filesystem: there, bytes } of plotsToBegin(state)) if (there === filesystem) reserved += bytes;
  for (const transfer of state.transfers.values()) {
    for (const { file } of transfer.replot) chosen.add(file);
    // One that is halted may be there already, and its room taken.
    if (transfer.filesystem !== filesystem || !isUnderWay(transfer)) continue;
    reserved += toCome(transfer);
    for (const { size } of transfer.replot) going += size;
  }
  return { reserved, going, chosen, seekers };
}

/** Bytes that a worker will still take of a file system. */
export function stillToTake(
  state: State,
  worker: WorkerState,
  filesystem: string,
  used: ReadonlyMap<string, UsedRoom> | null,
): number {
  const left = remainingRoom(worker.placement, used?.get(worker.id) ?? NOTHING_USED, mayGrow(state, worker));
  return left.reduce((sum, claim) => (claim.filesystem === filesystem ? sum + claim.bytes : sum), 0);
}

/** What tells the file system of a worker's destination from others; `null` where that isn't known. */
export function destinationFileSystem({ placement }: Pick<WorkerState, 'placement'>): string | null {
  const filesystem = placement.find(({ role }) => role === 'destination')?.filesystem ?? '';
  return filesystem === '' ? null : filesystem;
}

/** What a look at a worker's destination has found, when its old plots are to be chosen. */
export interface DestinationLook {
  /** Bytes; `null` where that isn't known. */
  free_bytes: number | null;
  used: ReadonlyMap<string, UsedRoom> | null;
  /** By transfer, bytes that it has written there; one that isn't here is taken for done: when in doubt no plot goes. */
  written: ReadonlyMap<string, number>;
}

/**
 * What the plot of a worker that chooses its old plots needs, and how much of it is missing, in bytes. `missing` is
 * `null` where nobody looks at room: the job doesn't, or its plotter's needs aren't known.
 */
export function roomWantedBy(
  state: State,
  worker: WorkerState,
  { free_bytes, used, written }: DestinationLook,
): { need: number; missing: number | null } {
  const filesystem = destinationFileSystem(worker);
  if (filesystem === null) return { need: 0, missing: null };
  const need = stillToTake(state, worker, filesystem, used);
  const looks = state.jobs.get(worker.job)?.definition.check_space === true && need > 0;
  if (!looks || free_bytes === null) return { need, missing: null };
  const toCome = ({ id, size, renames }: TransferState) =>
    renames ? 0 : Math.max(0, size - (written.get(id) ?? size));
  const { reserved, going } = roomInFlight(state, filesystem, { used, toCome }, worker);
  return { need, missing: Math.max(0, need + reserved - going - free_bytes) };
}
