import { expect, it } from 'vitest';
import { steadyTime } from '../../../src/util/steady-time.ts';

const NOW = '2026-01-01T00:00:00Z';

it.each([
  [null, 'x', 'new'],
  ['2026-01-01T01:00:00Z', null, 'new'],
  // A minute at least.
  ['2026-01-01T00:30:00Z', '2026-01-01T00:30:59Z', 'shown'],
  ['2026-01-01T00:30:00Z', '2026-01-01T00:31:00Z', 'new'],
  ['2026-01-01T00:01:00Z', '2026-01-01T00:00:00Z', 'new'],
  ['2026-01-01T00:00:59Z', '2026-01-01T00:00:00Z', 'shown'],
  // And 2 % of what is left: 12 minutes of ten hours.
  ['2026-01-01T10:00:00Z', '2026-01-01T10:11:00Z', 'shown'],
  ['2026-01-01T10:00:00Z', '2026-01-01T10:13:00Z', 'new'],
  ['2026-01-01T10:00:00Z', '2026-01-01T09:49:00Z', 'shown'],
  ['2026-01-01T10:00:00Z', '2026-01-01T09:47:00Z', 'new'],
  // One that is over goes by the minute.
  ['2025-12-31T23:00:00Z', '2026-01-01T00:00:10Z', 'new'],
])('shown %s, estimated %s: the %s one is shown', (shown, time, which) => {
  expect(steadyTime(shown, time, Date.parse(NOW))).toBe(which === 'new' ? time : shown);
});
