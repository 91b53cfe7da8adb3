import { expect, it } from 'vitest';
import { paintFor } from '../../../../src/cli/terminal/colour.ts';
import { eventLine } from '../../../../src/cli/past/event-line.ts';

const plain = paintFor({}, {});
const envelope = (type: string, of: object = {}) => ({
  ...{ id: 'i', seq: 1, at: new Date(2026, 10, 26, 15, 30, 5).toISOString(), type, event_type: type },
  ...{ job: null, slot: null, worker: null },
  ...of,
});
const AT = '2026-11-26 15:30:05';

it.each([
  [envelope('farm_drained'), `${AT}  farm  farm_drained`],
  [
    envelope('hold_set', { job: 'nightly', hold: 'price', kind: 'pause', reason: null, until: null }),
    `${AT}  nightly  hold_set  hold price, kind pause`,
  ],
  [
    envelope('worker_started', {
      ...{ job: 'nightly', slot: 2, worker: 'w', run: 'r', arguments: { temp_dir: '/t' } },
      cause: { kind: 'event', event: 'next', seq: 7 },
    }),
    `${AT}  nightly/2  worker_started  run r, cause {"kind":"event","event":"next","seq":7}`,
  ],
  [
    envelope('move_started', { move: 'farm', plot: '/m/a' }),
    `${AT}  farm  move_started  move farm, plot /m/a`,
  ],
  [
    envelope('worker_failed', { job: 'j', slot: 1, error: 'no \x1b[31mroom\n' }),
    `${AT}  j/1  worker_failed  error no room`,
  ],
])('%j in a line', (event, line) => {
  expect(eventLine(event, plain)).toBe(line);
});

it('has colours on a terminal', () => {
  const paint = paintFor({ isTTY: true }, { TERM: 'xterm' });
  expect(eventLine(envelope('worker_failed', { job: 'j', slot: 1, error: 'e' }), paint)).toContain(
    '\x1b[31mworker_failed\x1b[0m',
  );
});
