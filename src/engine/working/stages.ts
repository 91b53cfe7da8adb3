import { isAbsolute, join } from 'node:path';
import { type PlotterDefinition, plotSuffixOf } from '../../config/schema/plotter.ts';
import { type StagePlan, stagePlan } from '../../plotters/stages.ts';
import { destinationOf } from '../model/placement.ts';
import type { RunState } from '../model/run-state.ts';
import { runOf, type State } from '../model/state.ts';
import type { WorkerState } from '../model/worker-state.ts';

const plans = new WeakMap<PlotterDefinition, StagePlan>();

/** The stages of a definition, in order; worked out once for each. */
export function planOf(definition: PlotterDefinition): StagePlan {
  const known = plans.get(definition);
  if (known) return known;
  const plan = stagePlan(definition);
  plans.set(definition, plan);
  return plan;
}

/** The definition with which a run was started. Throws where it is lost: who mends a state makes it whole first. */
export function definitionOfRun(state: State, run: RunState): PlotterDefinition {
  const definition = state.definitions.get(run.definition);
  if (!definition) throw new Error(`run ${run.id}: its plotter's definition is lost`);
  return definition;
}

/** The definition with which a worker was started. */
export function definitionOf(state: State, worker: WorkerState): PlotterDefinition {
  return definitionOfRun(state, runOf(state, worker));
}

/** The innermost stage in which a worker is now; `null` before the first. */
export function stageOf(state: State, worker: WorkerState): { id: string; title: string } | null {
  const leaf = planOf(definitionOf(state, worker)).leaves[worker.leaf];
  return leaf ? { id: leaf.id, title: leaf.title } : null;
}

/** The phase in which a worker is now; `null` before the first. */
export function phaseNow(state: State, worker: WorkerState): { id: string; title: string } | null {
  const plan = planOf(definitionOf(state, worker));
  const phase = plan.leaves[worker.leaf]?.phase;
  return phase === undefined ? null : { id: phase, title: plan.title(phase) };
}

/** Seconds that a worker spent in each phase that it went through. */
export function phaseSeconds(state: State, worker: WorkerState): Record<string, number> {
  const { leaves } = planOf(definitionOf(state, worker));
  const ms = new Map<string, number>();
  for (const [index, spent] of worker.leaf_ms.entries()) {
    const phase = leaves[index]?.phase;
    if (phase !== undefined) ms.set(phase, (ms.get(phase) ?? 0) + spent);
  }
  return Object.fromEntries([...ms].map(([phase, spent]) => [phase, Math.round(spent) / 1000]));
}

/** The number of the phase in which a worker is now; 0 before the first. */
export function phaseNumber(state: State, worker: WorkerState): number {
  return Number(planOf(definitionOf(state, worker)).leaves[worker.leaf]?.phase ?? 0);
}

/** Where the final plot is or will be: as its log says, else under its name in the destination. */
export function plotFile(state: State, worker: WorkerState): string | null {
  const dest_dir = destinationOf(worker);
  if (worker.final_file !== null)
    return isAbsolute(worker.final_file) || dest_dir === null
      ? worker.final_file
      : join(dest_dir, worker.final_file);
  if (worker.plot_name === null || dest_dir === null) return null;
  return join(dest_dir, `${worker.plot_name}${plotSuffixOf(definitionOf(state, worker))}`);
}

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
