import type { DirectoryFacts, UsedRoom } from '../inputs.ts';
import type { RoomClaim, WorkerState } from '../model/state.ts';

/** Temporary space is at its largest before the last tables are compressed: from phase 4 on none is added. */
const LAST_PHASE_THAT_GROWS = 3;

/** What a worker in flight will still take of the disks: its claims less what it has taken so far. */
export function remainingRoom(claims: RoomClaim[], used: UsedRoom, phase: number): RoomClaim[] {
  return claims.map((claim) => ({ ...claim, bytes: stillToCome(claim, claims, used, phase) }));
}

function stillToCome(claim: RoomClaim, claims: RoomClaim[], used: UsedRoom, phase: number): number {
  if (claim.role === 'destination') return Math.max(0, claim.bytes - used.plot_bytes);
  if (phase > LAST_PHASE_THAT_GROWS) return 0;
  const all = claims.reduce((sum, each) => (each.role === 'temp' ? sum + each.bytes : sum), 0);
  const share = all === 0 ? 0 : claim.bytes / all;
  return Math.max(0, claim.bytes - used.temp_bytes * share);
}

/** What one start needs, what there is, and who else will take of it. */
export interface RoomCase {
  needs: RoomClaim[];
  directories: DirectoryFacts[];
  inFlight: RoomClaim[];
  /** Bytes that replotting will give back in the destination, for workers in flight and for this one. */
  givenBack: { device: string; bytes: number };
}

/** Whether there is room for one start; else which disk is too full (contract, section 3). By file system. */
export function checkRoom(room: RoomCase): 'ok' | 'dest_full' | 'temp_full' {
  const free = new Map<string, number>();
  for (const directory of room.directories) free.set(directory.device, directory.free_bytes);
  add(free, room.givenBack.device, room.givenBack.bytes);
  for (const claim of room.inFlight) add(free, claim.device, -claim.bytes);
  // The destination first: on a shared file system it is what lasts.
  for (const role of ['destination', 'temp'] as const)
    for (const claim of room.needs) {
      if (claim.role !== role) continue;
      add(free, claim.device, -claim.bytes);
      if ((free.get(claim.device) ?? 0) < 0) return role === 'destination' ? 'dest_full' : 'temp_full';
    }
  return 'ok';
}

function add(free: Map<string, number>, device: string, bytes: number): void {
  const present = free.get(device);
  if (present !== undefined) free.set(device, present + bytes);
}

/** Whether a worker may still take room: once its plotter has ended, its plot may be anywhere. */
export function stillTakesRoom(worker: WorkerState): boolean {
  return worker.plot === null && worker.step !== 'cleanup';
}

/** Whether a worker of a job that replots has still to remove its plot. */
export function willRemovePlot(worker: WorkerState): boolean {
  return worker.spec.replot_before !== null && ['pre', 'replot_find', 'replot_remove'].includes(worker.step);
}
