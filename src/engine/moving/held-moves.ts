import type { Hold } from '../model/hold.ts';
import type { MoveState } from '../model/move-state.ts';
import type { State } from '../model/state.ts';

type Farm = Pick<State, 'farm'>;

/** The farm's holds that hold moves too (contract, section 9), by name. */
function holdsOfMoves({ farm }: Farm): [name: string, hold: Hold][] {
  return Object.entries(farm.holds).filter(([, { moves }]) => moves);
}

/** Whether the files of a move stand still where they are; with a hold of kind `no_starts` they go on. */
export function isSuspended(farm: Farm, move: Pick<MoveState, 'paused'>): boolean {
  return move.paused || holdsOfMoves(farm).some(([, { kind }]) => kind === 'pause');
}

/** Why a move begins nothing more, in words; `null`: nothing holds it. */
export function whyHeld(farm: Farm, move: Pick<MoveState, 'paused'>): string | null {
  const holders = holdsOfMoves(farm).map(
    ([name, { reason }]) => `the farm's hold '${name}' stands${reason === null ? '' : ` (${reason})`}`,
  );
  const all = move.paused ? ['the move is paused', ...holders] : holders;
  return all.length === 0 ? null : all.join('; ');
}
