import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SharedBudget } from '../../../src/mqtt/broker/share.ts';

it('leaves room for whoever comes later', () => {
  const budget = new SharedBudget({ count: 100, bytes: 1000 });
  const fill = (owner: string) => {
    let kept = 0;
    for (; budget.fits(owner, { count: 1, bytes: 1 }); kept += 1) budget.add(owner, { count: 1, bytes: 1 });
    return kept;
  };
  expect(['a', 'b', 'c'].map(fill)).toEqual([50, 25, 12]);
});

it('never holds more than all may keep, and counts back what goes', () => {
  const owner = fc.constantFrom('a', 'b', 'c');
  fc.assert(
    fc.property(fc.array(fc.tuple(owner, fc.nat(60), fc.boolean())), (steps) => {
      const budget = new SharedBudget({ count: 10, bytes: 100 });
      const kept: { owner: string; bytes: number }[] = [];
      for (const [who, bytes, goes] of steps) {
        const gone = goes ? kept.shift() : undefined;
        if (gone) budget.add(gone.owner, { count: -1, bytes: -gone.bytes });
        else if (budget.fits(who, { count: 1, bytes })) {
          budget.add(who, { count: 1, bytes });
          kept.push({ owner: who, bytes });
        }
        expect(kept.length).toBeLessThanOrEqual(10);
        expect(kept.reduce((sum, each) => sum + each.bytes, 0)).toBeLessThanOrEqual(100);
      }
      for (const each of kept) budget.add(each.owner, { count: -1, bytes: -each.bytes });
      expect(budget.fits('new', { count: 5, bytes: 50 })).toBe(true);
    }),
  );
});
