import type { UsedRoom } from '../inputs.ts';
import type { Placed, WorkerState } from '../model/worker-state.ts';

/** Temporary space is at its largest before the last tables are compressed: from phase 4 on none is added. */
const LAST_PHASE_THAT_GROWS = 3;

/** What a worker in flight will still take of the disks: its claims less what it has taken so far. */
export function remainingRoom(claims: Placed[], used: UsedRoom, phase: number): Placed[] {
  return claims.map((claim) => ({ ...claim, bytes: stillToCome(claim, claims, used, phase) }));
}

function stillToCome(claim: Placed, claims: Placed[], used: UsedRoom, phase: number): number {
  if (claim.role === 'destination') return Math.max(0, claim.bytes - used.plot_bytes);
  if (phase > LAST_PHASE_THAT_GROWS) return 0;
  const all = claims.reduce((sum, each) => (each.role === 'temp' ? sum + each.bytes : sum), 0);
  const share = all === 0 ? 0 : claim.bytes / all;
  return Math.max(0, claim.bytes - used.temp_bytes * share);
}

/** Whether a worker may still take room: once its plotter has ended, its plot may be anywhere. */
export function stillTakesRoom(worker: WorkerState): boolean {
  return worker.plot === null && worker.step !== 'cleanup';
}
