import { describe, expect, test } from 'vitest';
import {
  NO_REPLOT_PACE,
  type ReplotPace,
  replotEnd,
  withOneMore,
} from '../../../../src/engine/moving/pace.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 23, 9, 30);

/** Removals so many hours ago. */
function removedAgo(...hours: number[]): ReplotPace {
  return hours.reduce<ReplotPace>((pace, ago) => withOneMore(pace, NOW - ago * HOUR), NO_REPLOT_PACE);
}

describe('the end of replotting', () => {
  test('is at the pace of the last seven days', () => {
    // Fourteen in a week, and older ones that don't count.
    const pace = removedAgo(500, 400, 300, ...Array.from({ length: 14 }, (_, index) => 160 - index * 10));
    expect(replotEnd(10, pace, NOW)).toBe(NOW + 5 * DAY);
  });

  test('is at the pace since the first, a day at least', () => {
    expect(replotEnd(10, removedAgo(48, 24), NOW)).toBe(NOW + 10 * DAY);
    expect(replotEnd(10, removedAgo(1, 1, 1, 1), NOW)).toBe(NOW + 2.5 * DAY);
  });

  test.each([
    ['none went', 10, NO_REPLOT_PACE],
    ['none went in that time', 10, removedAgo(200)],
    ['none is left', 0, removedAgo(1)],
  ])('is not known where %s', (_, left, pace) => {
    expect(replotEnd(left, pace, NOW)).toBe(null);
  });

  test('forgets what is older', () => {
    expect(Object.keys(removedAgo(400, 300, 1).hours)).toHaveLength(1);
  });
});
