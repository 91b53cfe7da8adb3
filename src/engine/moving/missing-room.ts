import type { UsedRoom } from '../inputs.ts';
import type { State } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';
import { plotsToBegin } from '../starting/plots-of-run.ts';
import { remainingRoom, stillTakesRoom } from '../starting/remaining-room.ts';
import { mayGrow } from '../working/stages.ts';
import { willRemovePlot } from './replot-rule.ts';

const NOTHING_USED: UsedRoom = { temp_bytes: 0, plot_bytes: 0 };

/** What workers in flight do to the room of one file system. */
export interface RoomInFlight {
  /** Bytes that they will still take, those left out that have still to choose their old plots: see `seekers`. */
  reserved: number;
  /** Bytes of old plots that are chosen and still there. */
  going: number;
  /** Files of these, and of those that moves have chosen. */
  chosen: ReadonlySet<string>;
  /** Workers that will make room for themselves. */
  seekers: WorkerState[];
}

/** What workers in flight but `self` do to a file system; `used`: what each has taken so far, where it is known. */
export function roomInFlight(
  state: State,
  filesystem: string,
  used: ReadonlyMap<string, UsedRoom> | null,
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
  // Their room is that of the plots that are moved.
  for (const { replot } of state.transfers.values()) for (const { file } of replot) chosen.add(file);
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
}

/**
 * What the plot of a worker that chooses its old plots needs, and how much of it is missing, in bytes. `missing` is
 * `null` where nobody looks at room: the job doesn't, or its plotter's needs aren't known.
 */
export function roomWantedBy(
  state: State,
  worker: WorkerState,
  { free_bytes, used }: DestinationLook,
): { need: number; missing: number | null } {
  const filesystem = destinationFileSystem(worker);
  if (filesystem === null) return { need: 0, missing: null };
  const need = stillToTake(state, worker, filesystem, used);
  const looks = state.jobs.get(worker.job)?.definition.check_space === true && need > 0;
  if (!looks || free_bytes === null) return { need, missing: null };
  const { reserved, going } = roomInFlight(state, filesystem, used, worker);
  return { need, missing: Math.max(0, need + reserved - going - free_bytes) };
}
