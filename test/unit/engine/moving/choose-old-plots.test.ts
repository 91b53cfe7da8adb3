import { describe, expect, test } from 'vitest';
import { chooseOldPlots, creditsTaken, wantedFor } from '../../../../src/engine/moving/choose-old-plots.ts';

const plots = [40, 30, 20, 10].map((size, index) => ({ file: `${index}.plot`, size }));
const sizes = (wanted: Parameters<typeof chooseOldPlots>[1]) =>
  chooseOldPlots(plots, wanted).map(({ size }) => size);

describe('of old plots go', () => {
  test.each([
    ['so many, where nobody looks at room', { atLeast: 2, atMost: 2, missing: null }, [40, 30]],
    ['so many, though there is room', { atLeast: 2, atMost: 2, missing: 0 }, [40, 30]],
    ['so many, where they make room enough', { atLeast: 2, atMost: 2, missing: 70 }, [40, 30]],
    ['none, where all that may go are not enough', { atLeast: 2, atMost: 2, missing: 71 }, []],
    ['as many as are missing', { atLeast: 0, atMost: 4, missing: 41 }, [40, 30]],
    ['none, where none is missing', { atLeast: 0, atMost: 4, missing: 0 }, []],
    ['none, where nobody knows what is missing', { atLeast: 0, atMost: 4, missing: null }, []],
    ['all, where just that is missing', { atLeast: 0, atMost: 9, missing: 100 }, [40, 30, 20, 10]],
    ['none, where a byte more is missing', { atLeast: 0, atMost: 9, missing: 101 }, []],
    ['more than at least, where these are not enough', { atLeast: 1, atMost: 3, missing: 90 }, [40, 30, 20]],
    ['none at all, where none may', { atLeast: 0, atMost: 0, missing: 5 }, []],
    ['those that there are', { atLeast: 9, atMost: 9, missing: null }, [40, 30, 20, 10]],
  ])('%s', (_, wanted, expected) => {
    expect(sizes(wanted)).toEqual(expected);
  });
});

describe('what went for a plot that never came', () => {
  const each = { as_needed: false, max_per_plot: 2 };
  const needed = { as_needed: true, max_per_plot: 2 };

  test('spares as many', () => {
    expect(wantedFor(each, 0, null).atLeast).toBe(2);
    expect(wantedFor(each, 1, null).atLeast).toBe(1);
    expect(wantedFor(each, 5, null).atLeast).toBe(0);
    expect(wantedFor(needed, 0, 7)).toEqual({ atLeast: 0, atMost: 2, missing: 7 });
  });

  test.each([
    ['as many as go for one plot', each, [10, 10, 10], 100, 0, 2],
    ['those that there are, beside one more', each, [10], 100, 1, 1],
    ['all, where more goes than is spared: their room is taken', each, [10, 10, 10], 100, 1, 3],
    ['as many bytes as the plot needs', needed, [10, 10, 10], 15, 0, 2],
    ['all that there are', needed, [10, 10], 100, 0, 2],
    ['none', needed, [], 100, 2, 0],
  ])('counts for the next one: %s', (_, rule, credits, need, chosen, taken) => {
    expect(creditsTaken(rule, credits, need, chosen)).toBe(taken);
  });
});
