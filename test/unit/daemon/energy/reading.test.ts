import { expect, test } from 'vitest';
import { readNumber } from '../../../../src/daemon/energy/reading.ts';

test.each([
  ['123.4', undefined, 123.4],
  [' -5\n', undefined, -5],
  ['1e3', undefined, 1000],
  ['.5', undefined, 0.5],
  ['{"apower": 12}', 'apower', 12],
  ['{"apower": "12.5"}', 'apower', 12.5],
  ['{"ENERGY": {"Power": 300}}', 'ENERGY.Power', 300],
  ['{"a.b": {"c.d": 7}}', 'a.b.c.d', undefined],
  ['{"a.b": 7}', 'a.b', 7],
  ['{"phases": [{"w": 1}, {"w": 2}]}', 'phases.1.w', 2],
  ['', undefined, undefined],
  ['unavailable', undefined, undefined],
  ['12 W', undefined, undefined],
  ['0x10', undefined, undefined],
  ['NaN', undefined, undefined],
  ['1e999', undefined, undefined],
  ['{"a": 1}', undefined, undefined],
  ['{"a": 1}', 'b', undefined],
  ['{"a": null}', 'a', undefined],
  ['{"a": true}', 'a', undefined],
  ['{"a": 1}', 'a.b', undefined],
  ['{"a": 1}', 'toString', undefined],
  ['{"a": ', 'a', undefined],
  ['12', 'a', undefined],
  ['null', 'a', undefined],
])('%j under %j is %j', (text, key, value) => {
  const reading = readNumber(Buffer.from(text), key);
  if (value === undefined) expect(reading).toEqual({ problem: expect.any(String) });
  else expect(reading).toEqual({ value });
});
