import type { UsedRoom } from '../inputs.ts';
import type { State } from '../model/state.ts';
import type { TransferState } from '../model/transfer-state.ts';
import type { World } from '../starting/gates/gate.ts';
import { remainingRoom, stillTakesRoom } from '../starting/places/remaining-room.ts';
import { mayGrow } from '../working/stages.ts';

/** What goes on on one file system. */
export interface Traffic {
  transfers: number;
  workers: number;
  /** Bytes that all these will still take. */
  reserved: number;
}

const NOTHING_USED = { temp_bytes: 0, plot_bytes: 0 };

/**
 * What goes on on each file system: plots on their way to it, and workers that have a directory there.
 * @param toCome what a transfer will still take
 */
export function trafficOf(
  state: State,
  used: ReadonlyMap<string, UsedRoom>,
  toCome: (transfer: TransferState) => number,
): Map<string, Traffic> {
  const traffic = new Map<string, Traffic>();
  const on = (device: string) => {
    const known = traffic.get(device) ?? { transfers: 0, workers: 0, reserved: 0 };
    traffic.set(device, known);
    return known;
  };
  for (const transfer of state.transfers.values()) {
    if (transfer.step === 'blocked') continue;
    const there = on(transfer.filesystem);
    there.transfers += 1;
    there.reserved += toCome(transfer);
  }
  for (const worker of state.workers.values()) {
    for (const device of new Set(worker.placement.map(({ filesystem }) => filesystem)))
      on(device).workers += 1;
    if (!stillTakesRoom(worker)) continue;
    const room = used.get(worker.id) ?? NOTHING_USED;
    for (const { filesystem, bytes } of remainingRoom(worker.placement, room, mayGrow(state, worker)))
      on(filesystem).reserved += bytes;
  }
  return traffic;
}

/**
 * What a transfer will still take of its file system.
 * @param written bytes that a look has found there, of one that may be there already too
 */
export function bytesToCome(
  { memory }: { memory: Pick<World['memory'], 'copied'> },
  { id, size, renames }: TransferState,
  written = 0,
): number {
  return renames ? 0 : Math.max(0, size - Math.max(written, memory.copied.get(id)?.bytes ?? 0));
}
