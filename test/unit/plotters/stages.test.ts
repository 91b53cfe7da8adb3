import { describe, expect, it } from 'vitest';
import { stagePlan } from '../../../src/plotters/stages.ts';
import { definitionOf } from './replay.ts';

const plan = stagePlan({
  stages: [
    { id: '1', title: 'One' },
    { id: '1.1', title: 'One one', weight: 3 },
    { id: '1.2', title: 'One two', weight: 1 },
    { id: '2', title: 'Two', weight: 4 },
  ],
});

describe('stagePlan', () => {
  it('has the innermost stages in order, with their shares', () => {
    expect(plan.leaves).toEqual([
      { id: '1.1', phase: '1', title: 'One one', weight: 0.375 },
      { id: '1.2', phase: '1', title: 'One two', weight: 0.125 },
      { id: '2', phase: '2', title: 'Two', weight: 0.5 },
    ]);
  });

  it.each([
    ['1', 0, 1, 'One'],
    ['1.1', 0, 0, 'One one'],
    ['1.2', 1, 1, 'One two'],
    ['2', 2, 2, 'Two'],
    ['7', -1, -1, '7'],
  ])('stage %s begins with leaf %i and ends with %i', (stage, first, last, title) => {
    expect([plan.indexOf(stage), plan.lastIndexOf(stage), plan.title(stage)]).toEqual([first, last, title]);
  });

  it.each([undefined, 0])('shares equally where weights are %s', (weight) => {
    const stages = ['1', '2'].map((id) => ({ id, title: id, weight }));
    expect(stagePlan({ stages }).leaves.map((leaf) => leaf.weight)).toEqual([0.5, 0.5]);
  });

  it.each([
    ['chia', [0.44, 0.63, 0.97, 1]],
    ['madmax', [0.45, 0.72, 0.98, 1]],
  ])('%s: phases end where two k32 logs say, the copy apart', (plotter, ends) => {
    const { leaves } = stagePlan(definitionOf(plotter));
    expect(leaves.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    const plotting = leaves.filter(({ phase }) => phase !== '5');
    const total = plotting.reduce((sum, { weight }) => sum + weight, 0);
    const until = (last: string) =>
      plotting.filter(({ phase }) => phase <= last).reduce((sum, { weight }) => sum + weight / total, 0);
    for (const [index, end] of ends.entries()) expect(until(String(index + 1))).toBeCloseTo(end, 2);
  });
});
