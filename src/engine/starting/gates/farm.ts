import { comingBefore } from '../ages.ts';
import { counted, type Gate } from './gate.ts';

/** Workers of all jobs at once. */
export const farm: Gate = {
  name: 'farm',
  keeps: true,
  automaticOnly: false,
  looked: false,
  ask({ state }, job, coming) {
    const { max_workers } = state.farm;
    const running = state.runs.size;
    const free = max_workers - running;
    // Where no place is free nobody is about to take one.
    const onTheirWay = free > 0 ? coming + comingBefore(state.jobs.values(), job) : 0;
    const way = onTheirWay === 0 ? '' : `, ${counted(onTheirWay, 'is', 'are')} about to start`;
    return {
      room: Math.max(0, free - onTheirWay),
      text: `${running} of ${max_workers} workers of the farm run${way} (the farm's max_workers ${max_workers})`,
    };
  },
};
