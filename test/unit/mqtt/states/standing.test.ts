import { expect, it } from 'vitest';
import { count, flag, id, listOf, nullable, objectOf, text } from '../../../../src/contract/rows/carriers.ts';
import { Shown } from '../../../../src/mqtt/states/shown.ts';
import { standing } from '../../../../src/mqtt/states/standing.ts';

it('an object stands on its topic, and its keys that have one on theirs', () => {
  const rows = {
    max_workers: { is: nullable(count), topic: true },
    paused: { is: flag, topic: true },
    holds: { is: listOf(objectOf({ name: id })), topic: true },
    error: { is: text },
  } as const;
  const view = { max_workers: null, paused: true, holds: [{ name: 'a' }, { name: 'b' }], error: 'x' };
  expect(standing('B/farm', rows, view)).toEqual([
    ['B/farm', JSON.stringify(view)],
    ['B/farm/max_workers', 'None'],
    ['B/farm/paused', 'ON'],
    ['B/farm/holds', '2'],
  ]);
});

it('a list that is made anew, with the same in it, is nothing new', () => {
  const shown = new Shown<{ eta: null; holds: string[]; cause: object }, 'holds'>(
    ...(['b', ['eta', 'holds', 'cause'], ['holds']] as const),
  );
  const sent: string[] = [];
  const show = (holds: string[], seq: number) => {
    const view = { eta: null, holds, cause: { kind: 'event', seq } };
    const difference = shown.difference(view);
    shown.show(view, (topic, payload) => void sent.push(`${topic}=${payload.slice(0, 1)}`));
    return [difference, ...sent.splice(0)];
  };
  expect(show(['a'], 1)).toEqual(['more', 'b={', 'b/holds=1']);
  expect(show(['a'], 1)).toEqual(['none', 'b={']);
  expect(show(['a'], 2)).toEqual(['more', 'b={']);
  expect(show(['a', 'b'], 2)).toEqual(['more', 'b={', 'b/holds=2']);
});
