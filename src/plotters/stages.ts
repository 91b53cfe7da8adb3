import type { PlotterDefinition } from '../config/schema/plotter.ts';
import { phaseOf } from '../config/schema/plotter-parts.ts';

/** An innermost stage: a step, or a phase without steps. */
export interface Leaf {
  id: string;
  /** The phase it belongs to; itself, where it has no steps. */
  phase: string;
  title: string;
  /** Share of the plot's whole time, 0 to 1; all together are 1. */
  weight: number;
}

/** A plotter's stages in the order in which they happen. */
export interface StagePlan {
  leaves: readonly Leaf[];
  /** The title of a phase or step; its id where there is no such stage. */
  title(stage: string): string;
  /** Index of the leaf with which a phase or step begins; -1 where there is no such stage. */
  indexOf(stage: string): number;
  /** Index of the leaf with which a phase or step ends; -1 where there is no such stage. */
  lastIndexOf(stage: string): number;
}

/** Works out the innermost stages and their shares; where no weight is given, all have the same. */
export function stagePlan(definition: Pick<PlotterDefinition, 'stages'>): StagePlan {
  const { stages } = definition;
  const titles = new Map(stages.map(({ id, title }) => [id, title]));
  const withSteps = new Set(
    stages
      .map(({ id }) => id)
      .filter((id) => phaseOf(id) !== id)
      .map(phaseOf),
  );
  const innermost = stages.filter(({ id }) => !withSteps.has(id));
  const given = innermost.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
  const share = (weight: number | undefined) => (given > 0 ? (weight ?? 0) / given : 1 / innermost.length);
  const leaves = innermost.map(({ id, title, weight }) => ({
    id,
    phase: phaseOf(id),
    title,
    weight: share(weight),
  }));

  const first = new Map<string, number>();
  const last = new Map<string, number>();
  for (const [index, { id, phase }] of leaves.entries())
    for (const stage of [id, phase]) {
      if (!first.has(stage)) first.set(stage, index);
      last.set(stage, index);
    }
  return {
    leaves,
    title: (stage) => titles.get(stage) ?? stage,
    indexOf: (stage) => first.get(stage) ?? -1,
    lastIndexOf: (stage) => last.get(stage) ?? -1,
  };
}
