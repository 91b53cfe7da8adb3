import type { UsedRoom } from '../../inputs.ts';
import type { Placed, WorkerState } from '../../model/worker-state.ts';

/**
 * What a worker in flight will still take of the disks: its claims less what it has taken so far. `grows`: whether its
 * temporary files may still grow.
 */
export function remainingRoom(claims: Placed[], used: UsedRoom, grows: boolean): Placed[] {
  return claims.map((claim) => ({ ...claim, bytes: stillToCome(claim, claims, used, grows) }));
}

function stillToCome(claim: Placed, claims: Placed[], used: UsedRoom, grows: boolean): number {
  if (claim.role === 'destination') return Math.max(0, claim.bytes - used.plot_bytes);
  if (!grows) return 0;
  const all = claims.reduce((sum, each) => (each.role === 'temp' ? sum + each.bytes : sum), 0);
  const share = all === 0 ? 0 : claim.bytes / all;
  return Math.max(0, claim.bytes - used.temp_bytes * share);
}

/** Whether a worker may still take room: once its plotter has ended, its plot may be anywhere. */
export function stillTakesRoom(worker: WorkerState): boolean {
  return worker.plot === null && worker.step !== 'cleanup';
}
