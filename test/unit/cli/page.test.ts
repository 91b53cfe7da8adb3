import { expect, it } from 'vitest';
import { moved, page } from '../../../src/cli/watch/page.ts';

const LINES = Array.from({ length: 10 }, (_, index) => `line ${index + 1}`);
const SIZE = { columns: 40, rows: 5 };

it('shows what fits, and a note in the last row', () => {
  expect(page(LINES.slice(0, 2), 0, 'q ends', SIZE)).toEqual(['line 1', 'line 2', '', '', 'q ends']);
  expect(page(LINES, 3, 'q ends', SIZE)).toEqual([...LINES.slice(3, 7), '4 to 7 of 10 lines; q ends']);
  expect(page(LINES, 0, 'q ends', { columns: 5, rows: 2 })).toEqual(['line…', '1 to…']);
  expect(page(LINES, 0, 'q ends', { columns: 5, rows: 1 })).toEqual(['1 to…']);
});

it.each([
  [0, 'up', 0],
  [0, 'down', 1],
  [0, 'page down', 4],
  [4, 'page down', 6],
  [6, 'down', 6],
  [6, 'page up', 2],
  [3, 'top', 0],
  [0, 'bottom', 6],
  // Lines have gone, or rows have come.
  [9, null, 6],
] as const)('from line %d, %s leads to line %d', (from, wish, wanted) => {
  expect(moved(from, wish, 10, SIZE)).toBe(wanted);
});

it('does not move where all is seen', () => {
  expect(moved(0, 'down', 3, SIZE)).toBe(0);
});
