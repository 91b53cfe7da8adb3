import type { States } from '../homeassistant.ts';
import { amountIn } from './amount.ts';
import type { Move } from './farm.ts';
import { isRecord, numberIn, numberOf, stateOf, stateTextOf } from './values.ts';

/** What a move shows now. */
export interface MoveNow {
  state: string | null;
  waiting: number | null;
  moving: number | null;
  /** When all that wait will have arrived, at the speed of now; `null` where that isn't known. */
  eta: number | null;
}

/** A move, read from the states of its entities. */
export function moveNow(states: States, move: Move, now: number): MoveNow {
  const waiting = numberOf(states, move, 'files_waiting');
  const left = bytesLeft(stateOf(states, move, 'state')?.attributes.active, waiting ?? 0);
  const speed = amountIn(stateOf(states, move, 'speed'));
  return {
    state: stateTextOf(states, move, 'state'),
    ...{ waiting, moving: numberOf(states, move, 'files_moving') },
    eta: left > 0 && speed !== null && speed > 0 ? now + (1000 * left) / speed : null,
  };
}

/** What those on their way still have to go, and those that wait: these are taken to be as large. */
function bytesLeft(active: unknown, waiting: number): number {
  const sizes = (Array.isArray(active) ? active : []).flatMap((each) => {
    const [size, percent] = isRecord(each) ? [numberIn(each.size), numberIn(each.progress)] : [];
    return size == null || percent == null ? [] : [{ size, left: size * (1 - percent / 100) }];
  });
  return sizes.reduce((sum, { size, left }) => sum + left + (size * waiting) / sizes.length, 0);
}
