import { dirname } from 'node:path';
import type { MoveStateName } from '../../contract/moves.ts';
import type { MoveView } from '../../contract/views.ts';
import type { MoveState } from '../model/move-state.ts';
import type { TransferState } from '../model/transfer-state.ts';
import { waitingOfMove } from '../moving/gates-of-move.ts';
import { isSuspended, whyHeld } from '../moving/held-moves.ts';
import { leftAlone, queueOf } from '../moving/move-queue.ts';
import { isHalted, isUnderWay } from '../moving/under-way.ts';
import type { World } from '../starting/gates/gate.ts';
import { percentage } from '../working/progress.ts';

/** What `B/move/<move>` shows now. */
export function moveView(world: World, move: MoveState): MoveView {
  const { state, memory } = world;
  const { id, enabled, paused, moved, moved_bytes, failures, last_error } = move;
  const own = [...state.transfers.values()].filter(({ move: of }) => of === id);
  const moving = own.filter(isUnderWay);
  const waitingInPlace = own.filter(isHalted);
  const sizes = waitingInPlace.reduce((sum, { size }) => sum + size, 0);
  const queue = queueOf(world, move).length + waitingInPlace.length;
  return {
    id,
    title: memory.settings.moves.get(id)?.title ?? id,
    state: stateOf(world, move, { moving: moving.length, queue }),
    ...{ enabled, paused },
    ...waitingOfMove(world, move),
    queue,
    queue_bytes: (memory.queuedBytes.get(id) ?? 0) + sizes,
    active: moving.map((transfer) => activeView(world, transfer)),
    bytes_per_s: moving.length === 0 ? null : (memory.speeds.get(id)?.bytes_per_s ?? null),
    ...{ moved, moved_bytes, failures, last_error },
  };
}

function stateOf(
  world: World,
  move: MoveState,
  { moving, queue }: { moving: number; queue: number },
): MoveStateName {
  if (moving > 0 && !isSuspended(world.state, move)) return 'moving';
  if (whyHeld(world.state, move) !== null) return 'paused';
  if (!move.enabled) return 'disabled';
  if (leftAlone(world, move) > 0) return 'blocked';
  return queue > 0 ? 'waiting' : 'idle';
}

function activeView(world: World, transfer: TransferState): MoveView['active'][number] {
  const { memory, now, steady } = world;
  const { id, file, to, size, suspended } = transfer;
  const copied = memory.copied.get(id);
  const shown = suspended ? null : (copied?.shown ?? null);
  return {
    ...{ plot: file, from: dirname(file), to, size },
    progress: percentage(Math.min(1, (copied?.bytes ?? 0) / size)),
    bytes_per_s: shown?.bytes_per_s ?? null,
    eta:
      shown === null
        ? null
        : new Date(Math.round((now + shown.done_at - steady) / 1000) * 1000).toISOString(),
  };
}
