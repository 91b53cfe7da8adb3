import { expect, it } from 'vitest';
import {
  hasAged,
  LAST_DAY,
  LAST_WEEK,
  sumOf,
  type Tally,
  withMore,
} from '../../../../src/engine/model/tally.ts';
import { BEGINNING } from '../runner.ts';

const [MINUTE, HOUR] = [60_000, 3_600_000];
const DAY = 24 * HOUR;

/** One each at these moments after the beginning. */
function tallyOf(...moments: number[]): Tally {
  return moments.reduce<Tally>((tally, at) => withMore(tally, BEGINNING + at, 1, LAST_DAY), []);
}

it.each([
  ['none', [], 0, 0],
  ['just now', [0], 0, 1],
  ['each of some', [0, HOUR, 2 * HOUR], 2 * HOUR, 3],
  ['one a day ago is too old', [0, HOUR], DAY, 1],
  ['a moment less isn’t', [0, HOUR], DAY - 1, 2],
  ['all are too old', [0, HOUR], 3 * DAY, 0],
  ['the host began again a little earlier', [10 * MINUTE], 0, 1],
  ['the clock was years ahead', [1000 * DAY], 0, 0],
])('of the last 24 hours: %s', (_, moments, now, sum) => {
  expect(sumOf(tallyOf(...moments), BEGINNING + now, LAST_DAY)).toBe(sum);
});

it('what comes in five minutes stands together, what is too old goes: it stays small', () => {
  const each = Array.from({ length: 20_000 }, (_, index) => index * 10_000);
  const tally = tallyOf(...each);
  expect(tally.length).toBeLessThanOrEqual(DAY / LAST_DAY.step + 1);
  const now = 19_999 * 10_000;
  const exactly = each.filter((at) => at > now - DAY).length;
  const sum = sumOf(tally, BEGINNING + now, LAST_DAY);
  expect(Math.abs(sum - exactly)).toBeLessThanOrEqual(LAST_DAY.step / 10_000);
});

it('a clock that was years ahead leaves nothing behind', () => {
  expect(withMore(tallyOf(1000 * DAY), BEGINNING, 1, LAST_DAY)).toEqual([[BEGINNING, 1]]);
});

it('what was there isn’t changed in place', () => {
  const before = tallyOf(0);
  withMore(before, BEGINNING + MINUTE, 1, LAST_DAY);
  expect(before).toEqual([[BEGINNING, 1]]);
});

it.each([
  [DAY - 2, DAY - 1, false],
  [DAY - 1, DAY, true],
  [DAY, DAY + 1, false],
  [0, 9 * DAY, true],
])('between %i and %i ms something becomes too old: %s', (from, to, aged) => {
  const span = { from: BEGINNING + from, to: BEGINNING + to };
  expect(hasAged([[BEGINNING, 1]], span, LAST_DAY)).toBe(aged);
});

it('what goes is taken off', () => {
  const tally = withMore(withMore([], BEGINNING, 100, LAST_WEEK), BEGINNING + DAY, -30, LAST_WEEK);
  expect(sumOf(tally, BEGINNING + 2 * DAY, LAST_WEEK)).toBe(70);
  expect(sumOf(tally, BEGINNING + 7 * DAY, LAST_WEEK)).toBe(-30);
});
