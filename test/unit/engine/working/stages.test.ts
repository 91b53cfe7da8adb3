import { describe, expect, it } from 'vitest';
import { boundariesBetween } from '../../../../src/engine/working/stages.ts';
import { stagePlan } from '../../../../src/plotters/stages.ts';
import { smallPlotter } from '../plotter.ts';

const plan = stagePlan(smallPlotter());

/** `+1.1` a start, `-1.1` an end. */
function way(from: number, to: number): string {
  return boundariesBetween(plan, from, to)
    .map(({ moment, stage }) => `${moment === 'started' ? '+' : '-'}${stage}`)
    .join(' ');
}

describe('the way from one innermost stage to another', () => {
  const cases: [string, number, number, string][] = [
    ['into the first', -1, 0, '+1 +1.1'],
    ['to the next step', 0, 1, '-1.1 +1.2'],
    ['to the next phase', 1, 2, '-1.2 -1 +2'],
    ['between phases without steps', 2, 3, '-2 +3'],
    ['over what the log skips', -1, 3, '+1 +1.1 -1.1 +1.2 -1.2 -1 +2 -2 +3'],
    ['out of the last', 5, 6, '-5'],
    ['from within to the end', 3, 6, '-3 +4 -4 +5 -5'],
    ['of a plotter that said nothing', -1, 6, '+1 +1.1 -1.1 +1.2 -1.2 -1 +2 -2 +3 -3 +4 -4 +5 -5'],
    ['nowhere', 2, 2, ''],
  ];
  it.each(cases)('%s', (_name, from, to, expected) => {
    expect(way(from, to)).toBe(expected);
  });

  it('is the same in one go as in single steps', () => {
    for (let from = -1; from <= 6; from += 1)
      for (let middle = from; middle <= 6; middle += 1)
        for (let to = middle; to <= 6; to += 1)
          expect([way(from, middle), way(middle, to)].filter(Boolean).join(' ')).toBe(way(from, to));
  });
});
