import type { PlotterDefinition } from '../config/schema/plotter.ts';
import { type StagePlan, stagePlan } from '../plotters/stages.ts';
import type { State, WorkerState } from './state.ts';

const plans = new WeakMap<PlotterDefinition, StagePlan>();

/** The stages of a definition, in order; worked out once for each. */
export function planOf(definition: PlotterDefinition): StagePlan {
  const known = plans.get(definition);
  if (known) return known;
  const plan = stagePlan(definition);
  plans.set(definition, plan);
  return plan;
}

/** The definition with which a worker was started. */
export function definitionOf(state: State, worker: WorkerState): PlotterDefinition {
  const definition = state.definitions.get(worker.definition);
  if (!definition) throw new Error(`worker ${worker.id}: its plotter's definition is lost`);
  return definition;
}

/** The innermost stage in which a worker is now; `null` before the first. */
export function stageOf(state: State, worker: WorkerState): { id: string; title: string } | null {
  const leaf = planOf(definitionOf(state, worker)).leaves[worker.leaf];
  return leaf ? { id: leaf.id, title: leaf.title } : null;
}

/** The number of the phase in which a worker is now; 0 before the first. */
export function phaseOf(state: State, worker: WorkerState): number {
  return Number(planOf(definitionOf(state, worker)).leaves[worker.leaf]?.phase ?? 0);
}
