import { expect, test } from 'vitest';
import { type MoverLine, parseMoverLine } from '../../../src/mover/report.ts';

test.each<MoverLine>([
  { copied: 12 },
  { moved: 'copied' },
  { stopped: true },
  { failed: 'it is gone', side: 'source', pinned: false, gone: true },
  { failed: 'it may be there', side: 'destination', pinned: true, gone: false },
])('a mover’s line %j says what it said', (line) => {
  expect(parseMoverLine(JSON.stringify(line))).toEqual(line);
});

test('a mover of an earlier release doesn’t say that a plot is gone', () => {
  const line = { failed: 'why', side: 'source', pinned: false };
  expect(parseMoverLine(JSON.stringify(line))).toEqual({ ...line, gone: false });
});

test.each(['', '{"moved":', '{"moved":"away"}', '{"failed":1,"side":"source","pinned":true}', 'null'])(
  '%j is no line of a mover',
  (text) => {
    expect(parseMoverLine(text)).toBeNull();
  },
);
