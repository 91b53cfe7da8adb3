import { expect, it } from 'vitest';
import { plotterDefinitionSchema } from '../../../src/config/schema/plotter.ts';
import type { ArgumentValues } from '../../../src/contract/names.ts';
import { paceSize, spaceNeeds } from '../../../src/plotters/space.ts';

const BY_TWO = { by: ['k', 'compression'], '32/7': { plot: 80, temp: { tmp: 200 } }, '32': { plot: 100 } };
const EACH = { per: 'group_size', plot: 10, temp: { tmp: 20, tmp2: 5 }, together: 22, plus: 3 };

function definitionWith(space: unknown) {
  const temp = { type: 'directory', role: 'temp' };
  return plotterDefinitionSchema.parse({
    ...{ title: 'T', command: 't', stages: [{ id: '1', title: 'One' }], patterns: [], space },
    arguments: {
      tmp: temp,
      tmp2: { ...temp, remote: '@' },
      caches: { ...temp, list: true },
      out: { type: 'directory', role: 'destination' },
      k: { type: 'integer' },
      compression: { type: 'integer' },
      group_size: { type: 'integer' },
    },
  });
}

/** What a plot takes: in its destination, and by argument in temporary directories. */
function needed(space: unknown, values: ArgumentValues): [number, Record<string, number>] | null {
  const needs = spaceNeeds(definitionWith(space), { tmp: '/t', out: '/d', ...values });
  return (
    needs && [needs.plot, Object.fromEntries(needs.temp.map(({ argument, bytes }) => [argument, bytes]))]
  );
}

it.each<[string, unknown, ArgumentValues, ReturnType<typeof needed>]>([
  ['by size', { '32': { plot: 7, temp: { tmp: 9 } } }, { k: 32 }, [7, { tmp: 9 }]],
  ['by two arguments', BY_TWO, { k: 32, compression: 7 }, [80, { tmp: 200 }]],
  ['by the first where there is no second', BY_TWO, { k: 32 }, [100, {}]],
  ['not known for another second', BY_TWO, { k: 32, compression: 5 }, null],
  ['no size is called as the key that names arguments', BY_TWO, { k: 'by' }, null],
  ['for each of so many, and once', EACH, { group_size: 128, tmp2: '/u' }, [1283, { tmp: 2563, tmp2: 643 }]],
  ['for each, all in one directory', EACH, { group_size: 2 }, [23, { tmp: 47 }]],
  ['what is elsewhere takes no room here', EACH, { group_size: 2, tmp2: '@RAM' }, [23, { tmp: 43 }]],
  ['not known without a number', EACH, {}, null],
  ['not known for none', EACH, { group_size: 0 }, null],
  [
    'each directory of a list has the room by itself',
    { '32': { plot: 7, temp: { tmp: 9, caches: 30 } } },
    { k: 32, caches: ['/t', '/c'] },
    [7, { tmp: 9, caches: 30 }],
  ],
])('%s', (_, space, values, expected) => {
  expect(needed(space, values)).toEqual(expected);
});

it.each<[unknown, ArgumentValues, string]>([
  [{}, { k: 32, compression: 7 }, '32'],
  [{}, {}, ''],
  [BY_TWO, { k: 32, compression: 7 }, '32/7'],
  [EACH, { k: 28, group_size: 128 }, '28/128'],
])('times are remembered by %j %j as %j', (space, values, expected) => {
  expect(paceSize(definitionWith(space), values)).toBe(expected);
});
