import { basename, isAbsolute, join } from 'node:path';
import { type PlotterDefinition, plotSuffixOf } from '../../config/schema/plotter.ts';
import { isElsewhere } from '../../plotters/command.ts';
import { type StagePlan, stagePlan } from '../../plotters/stages.ts';
import { destinationOf, destinationsOf } from '../model/placement.ts';
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

/** Temporary space is at its largest before the last tables are compressed: from phase 4 on none is added. */
const LAST_PHASE_THAT_GROWS = 3;

/**
 * Whether the temporary files of a worker may still grow: where its definition says in which stages they shrink, in none
 * of these, nor behind the last of them; else up to phase 3.
 */
export function mayGrow(state: State, worker: WorkerState): boolean {
  return mayGrowIn(definitionOf(state, worker), worker.leaf);
}

/** The same, of the innermost stage of this index; -1: before the first. */
export function mayGrowIn(definition: PlotterDefinition, index: number): boolean {
  const { leaves } = planOf(definition);
  const shrinking = new Set(definition.stages.filter(({ temp }) => temp !== undefined).map(({ id }) => id));
  if (shrinking.size === 0) return Number(leaves[index]?.phase ?? 0) <= LAST_PHASE_THAT_GROWS;
  const shrinks = leaves.map(({ id, phase }) => shrinking.has(id) || shrinking.has(phase));
  return index < shrinks.lastIndexOf(true) && shrinks[index] !== true;
}

/** Where the final plot is or will be: as its log says, else under its name in the destination. */
export function plotFile(state: State, worker: WorkerState): string | null {
  const dest_dir = destinationOf(worker);
  if (worker.final_file !== null)
    return dest_dir === null || isWhole(state, worker, worker.final_file)
      ? worker.final_file
      : join(dest_dir, worker.final_file);
  if (worker.plot_name === null || dest_dir === null) return null;
  return join(dest_dir, `${worker.plot_name}${plotSuffixOf(definitionOf(state, worker))}`);
}

/** Whether a name says by itself where the file is: here, or on another host. */
function isWhole(state: State, worker: WorkerState, file: string): boolean {
  const { spec } = runOf(state, worker);
  return isAbsolute(file) || isElsewhere(definitionOf(state, worker), spec.arguments, file);
}

/** Where the final plot may be: in each destination, where its log has but a name and its plotter chooses. */
export function plotFiles(state: State, worker: WorkerState): string[] {
  const file = plotFile(state, worker);
  if (file === null) return [];
  const destinations = destinationsOf(worker);
  const isKnown = worker.final_file !== null && isWhole(state, worker, worker.final_file);
  return isKnown || destinations.length < 2 ? [file] : destinations.map((path) => join(path, basename(file)));
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
