import { aheadOf } from '../on-their-way.ts';
import { nextTurn } from '../turn.ts';
import { aboutToStart, type Gate } from './gate.ts';

/** Workers of all jobs at once. */
export const farm: Gate = {
  name: 'farm',
  keeps: true,
  automaticOnly: false,
  looked: false,
  ask(world, job, coming, turn) {
    const { max_workers } = world.state.farm;
    const running = world.state.runs.size;
    const free = max_workers - running;
    // Where no place is free nobody is about to take one.
    const before = free > 0 ? coming + aheadOf(world, {}, turn ?? nextTurn(world, job, coming)) : 0;
    return {
      room: Math.max(0, free - before),
      text: `${running} of ${max_workers} workers of the farm run${aboutToStart(before)} (the farm's max_workers ${max_workers})`,
    };
  },
};
