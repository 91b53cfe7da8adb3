import type { StagePlan } from '../../plotters/stages.ts';

/** A stage's start or end on the way from one innermost stage to another. */
export interface StageBoundary {
  moment: 'started' | 'finished';
  stage: string;
  /** Whether it is a phase: with steps of its own, or innermost by itself. */
  phase: boolean;
  /** Index of the innermost stage that ends or begins with it. */
  leaf: number;
}

/**
 * Everything that happens, in order, on the way from innermost stage `from` (-1: before the first) to `to` (the
 * number of stages: behind the last). What the log skips happens all the same (contract, section 3).
 */
export function boundariesBetween(plan: StagePlan, from: number, to: number): StageBoundary[] {
  const way: StageBoundary[] = [];
  for (let leaf = from; leaf < to; leaf += 1) {
    if (leaf >= 0) finish(plan, leaf, way);
    if (leaf + 1 < plan.leaves.length) start(plan, leaf + 1, way);
  }
  return way;
}

function finish(plan: StagePlan, index: number, way: StageBoundary[]): void {
  const leaf = plan.leaves[index];
  if (!leaf) return;
  if (leaf.id !== leaf.phase) way.push({ moment: 'finished', stage: leaf.id, phase: false, leaf: index });
  if (plan.leaves[index + 1]?.phase !== leaf.phase)
    way.push({ moment: 'finished', stage: leaf.phase, phase: true, leaf: index });
}

function start(plan: StagePlan, index: number, way: StageBoundary[]): void {
  const leaf = plan.leaves[index];
  if (!leaf) return;
  if (plan.leaves[index - 1]?.phase !== leaf.phase)
    way.push({ moment: 'started', stage: leaf.phase, phase: true, leaf: index });
  if (leaf.id !== leaf.phase) way.push({ moment: 'started', stage: leaf.id, phase: false, leaf: index });
}
