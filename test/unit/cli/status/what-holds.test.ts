import { expect, it } from 'vitest';
import { stillRunning } from '../../../../src/cli/tell/still-running.ts';
import { whatHoldsFarm, whatHoldsJob } from '../../../../src/cli/status/what-holds.ts';

const UNTIL = new Date(2026, 10, 26, 18).toISOString();
const FARM = {
  holds: [
    { name: 'price', kind: 'no_starts', jobs: ['cpu*'], reason: '31 ct/kWh', until: UNTIL },
    { name: 'drain', kind: 'no_starts', jobs: null, reason: null, until: null },
  ],
};
const JOBS = [
  { id: 'cpu', paused: true, holds: ['price', 'drain', 'heat'] },
  { id: 'gpu', paused: false, holds: ['drain'] },
];

it('says what still holds a job, and whose hold that is', () => {
  expect(whatHoldsJob({ farm: FARM, jobs: JOBS }, 'cpu')).toEqual([
    "the farm's hold 'price' (no_starts; jobs cpu*; until 2026-11-26 18:00; 31 ct/kWh)",
    "the farm's hold 'drain' (no_starts)",
    "its hold 'heat'",
    'its own pause',
  ]);
  expect(
    whatHoldsJob({ farm: { holds: [] }, jobs: [{ id: 'gpu', paused: false, holds: [] }] }, 'gpu'),
  ).toEqual([]);
  expect(whatHoldsJob({ farm: null, jobs: [] }, 'gpu')).toEqual([]);
});

it('says what still holds the farm, and jobs by themselves', () => {
  expect(whatHoldsFarm({ farm: FARM, jobs: JOBS })).toEqual([
    "'price' (no_starts; jobs cpu*; until 2026-11-26 18:00; 31 ct/kWh)",
    "'drain' (no_starts)",
    "job 'cpu' by 'heat', its own pause",
  ]);
});

it.each([
  [{ drained: true, workers: 0 }, ['nothing runs any more']],
  [
    { drained: false, workers: 1, last_end_at: UNTIL },
    ['1 worker runs, the last will have ended 2026-11-26 18:00'],
  ],
  [{ drained: false, workers: 3, moves: 2, last_end_at: null }, ['3 workers run, 2 moves run']],
  [null, []],
])('a farm that drains, %j, has still to end: %j', (farm, words) => {
  expect(stillRunning({ farm })).toEqual(words);
});
