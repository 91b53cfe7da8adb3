import type { PlotterDefinition } from '../config/schema/plotter.ts';
import { TEMPLATE_GROUP } from '../config/schema/plotter-parts.ts';
import { stagePlan, type StagePlan } from './stages.ts';

/** A place in a plot: how far an innermost stage is, 0 to 1. */
export interface PlaceInPlot {
  stage: string;
  fraction: number;
}

/** Where a plot is of which a share (0 to 1) is done, from the innermost stage on that is known; `null`: behind that. */
export type WholePlot = (share: number, innermost: string | null) => PlaceInPlot | null;

/**
 * Turns shares of the whole plot into places in it, by the weights of the stages. A stage of which lines tell by
 * themselves begins with these, never by a percentage: the two needn't agree.
 */
export function wholePlot(definition: Pick<PlotterDefinition, 'stages' | 'patterns'>): WholePlot {
  const plan = stagePlan(definition);
  const told = toldLeaves(definition, plan);
  const ends: number[] = [];
  for (const { weight } of plan.leaves) ends.push((ends.at(-1) ?? 0) + weight);
  return (share, innermost) => {
    const from = innermost === null ? 0 : plan.indexOf(innermost);
    let leaf = from;
    while (share >= (ends[leaf] ?? 1) && leaf + 1 < plan.leaves.length && !told.has(leaf + 1)) leaf += 1;
    const { id, weight } = plan.leaves[leaf] ?? {};
    const done = share - (ends[leaf - 1] ?? 0);
    if (id === undefined || weight === undefined || (leaf === from && done < 0)) return null;
    return { stage: id, fraction: weight > 0 ? Math.min(1, Math.max(0, done / weight)) : 0 };
  };
}

/** The innermost stages that begin with a line of their own, by their index. */
function toldLeaves({ stages, patterns }: Pick<PlotterDefinition, 'stages' | 'patterns'>, plan: StagePlan) {
  const told = new Set<number>();
  const meant = (template: string | undefined) => {
    if (template === undefined) return [];
    const expression = expressionOf(template);
    return stages.map(({ id }) => id).filter((id) => expression.test(id));
  };
  for (const { enter, leave, inside } of patterns) {
    for (const stage of [...meant(enter), ...meant(inside?.stage)]) told.add(plan.indexOf(stage));
    for (const stage of meant(leave)) told.add(plan.lastIndexOf(stage) + 1);
  }
  return told;
}

/** What a template such as `1.{table}` may come to. */
function expressionOf(template: string): RegExp {
  const parts = template.split(TEMPLATE_GROUP).map((part, index) => {
    return index % 2 === 1 ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}
