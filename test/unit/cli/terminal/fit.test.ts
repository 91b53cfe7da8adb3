import { expect, it } from 'vitest';
import { inColumns } from '../../../../src/cli/terminal/columns.ts';
import { cut, inLines, sentence, widthOf } from '../../../../src/cli/terminal/fit.ts';

it.each([
  ['plots', 5, 'plots'],
  ['plots', 4, 'plo…'],
  ['日本語', 5, '日本…'],
  ['日本語', 6, '日本語'],
  ['日本語', 4, '日…'],
  ['x', 0, ''],
  ['\x1b[32mgreen\x1b[0m', 3, '\x1b[32mgr…\x1b[0m'],
  ['\x1b[32mgreen\x1b[0m', 5, '\x1b[32mgreen\x1b[0m'],
])('%j in %d columns is %j', (text, width, wanted) => {
  expect(cut(text, width)).toBe(wanted);
  expect(widthOf(cut(text, width))).toBeLessThanOrEqual(width);
});

it('breaks lines between parts, and sentences at their blanks', () => {
  expect(inLines(['one', 'two', 'three'], ', ', 9)).toEqual(['one, two,', '    three']);
  expect(inLines(['one', 'two'], ', ', Number.POSITIVE_INFINITY)).toEqual(['one, two']);
  expect(inLines([], ', ', 9)).toEqual([]);
  expect(sentence('  waits for a place that is free', 16)).toEqual([
    '  waits for a',
    '    place that',
    '    is free',
  ]);
});

const COLUMNS = [
  { heading: '' },
  { heading: '', least: 3 },
  { heading: '', least: 1 },
  { heading: '', right: true },
];
const ROWS = [
  [{ text: 'a' }, { text: 'something long' }, { text: 'longer than that' }, { text: '10' }],
  [{ text: 'bb' }, { text: '日本' }, { text: '' }, { text: '9' }],
];

it('cuts the widest of the columns that may be cut', () => {
  expect(inColumns(COLUMNS, ROWS).slice(1)).toEqual([
    'a   something long  longer than that  10',
    'bb  日本                               9',
  ]);
  expect(inColumns(COLUMNS, ROWS, 30).slice(1)).toEqual([
    'a   something…  longer th…  10',
    'bb  日本                     9',
  ]);
  // Down to what they need at least.
  expect(inColumns(COLUMNS, ROWS, 5).slice(1)).toEqual(['a   so…  …  10', 'bb  日…      9']);
});
