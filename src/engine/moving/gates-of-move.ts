import type { MoveWaitingFor } from '../../contract/moves.ts';
import type { MoveState } from '../model/move-state.ts';
import { counted, type World } from '../starting/gates/gate.ts';
import { whyHeld } from './held-moves.ts';
import { leftAlone, MAX_TRIES, queueOf } from './move-queue.ts';

/** What is asked whether one more file of a move may begin, and what it says, in a sentence. */
export interface MoveGate {
  gate: Exclude<MoveWaitingFor, 'none'>;
  open: boolean;
  text: string;
}

/** The files of a move that are on their way, with those that may be in their place already. */
export function onTheWay({ state }: Pick<World, 'state'>, { id }: Pick<MoveState, 'id'>): number {
  let count = 0;
  for (const { move, step } of state.transfers.values()) if (move === id && step !== 'blocked') count += 1;
  return count;
}

/** Those of the gates that need no look at the disks, in their order. */
export function settingGates(world: World, move: MoveState): MoveGate[] {
  const entry = world.memory.settings.moves.get(move.id);
  const unlike =
    move.enabled === move.file_enabled ? '' : `, set by a command; config.yaml says ${move.file_enabled}`;
  const held = whyHeld(world.state, move);
  const on = onTheWay(world, move);
  const most = entry?.max_moves ?? 0;
  return [
    {
      gate: 'disabled',
      open: move.enabled && entry !== undefined,
      text:
        entry === undefined
          ? 'it is in config.yaml no more: it begins nothing'
          : `the move is ${move.enabled ? 'enabled' : 'disabled'}${unlike}`,
    },
    { gate: 'paused', open: held === null, text: held ?? 'nothing holds the move' },
    {
      gate: 'limit',
      open: on < most,
      text: `${on} of ${counted(most, 'file is', 'files are')} on the way (max_moves ${most})`,
    },
  ];
}

/** Every gate of a move. Of the destinations they know what the last look has found for its next file. */
export function gatesOfMove(world: World, move: MoveState): MoveGate[] {
  const kept = queueOf(world, move).length === 0 ? undefined : world.memory.keptBack.get(move.id);
  const OPEN = {
    missing_directory: 'no destination is known to be away: each file has them looked at',
    disk: 'no destination is known to be at a limit of disks',
    dest_full: 'the destinations are not known to be full',
  } as const;
  const ofPlaces = (['missing_directory', 'disk', 'dest_full'] as const).map((gate): MoveGate => {
    const isIt = kept?.waiting_for === gate;
    return { gate, open: !isIt, text: isIt ? kept.text : OPEN[gate] };
  });
  return [...settingGates(world, move), ...ofPlaces];
}

/** What keeps the next file of a move; `none` where nothing does, or none waits. */
export function waitingOfMove(
  world: World,
  move: MoveState,
): { waiting_for: MoveWaitingFor; waiting_text: string } {
  const closed = gatesOfMove(world, move).find(({ open }) => !open);
  if (closed) return { waiting_for: closed.gate, waiting_text: closed.text };
  return { waiting_for: 'none', waiting_text: whatWaits(world, move) };
}

/** With all gates open a file waits for no more than its turn, its next try, or somebody who looks after it. */
function whatWaits(world: World, move: MoveState): string {
  const queue = queueOf(world, move);
  const alone = leftAlone(world, move);
  const failed = [...world.memory.tries.values()].filter((tries) => tries.move === move.id).length;
  const again = Math.max(0, failed - alone);
  const parts = [
    ...(queue.length === 0 ? [] : [counted(queue.length, 'file waits', 'files wait')]),
    ...(again === 0 ? [] : [`${counted(again, 'has failed and is', 'have failed and are')} tried again`]),
    ...(alone === 0
      ? []
      : [`${counted(alone, 'is', 'are')} left alone after ${MAX_TRIES} tries: enable the move again`]),
  ];
  return parts.length === 0 ? 'no file waits' : parts.join(', ');
}
