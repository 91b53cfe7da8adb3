import { readFileSync } from 'node:fs';
import { phaseOf } from '../../../src/config/schema/plotter-parts.ts';
import { builtInPlotters } from '../../../src/plotters/catalogue.ts';
import { compileParser } from '../../../src/plotters/parser.ts';
import { stagePlan } from '../../../src/plotters/stages.ts';
import { LineSplitter } from '../../../src/process/lines.ts';

export function definitionOf(id: string) {
  const definition = builtInPlotters().get(id);
  if (definition === undefined) throw new Error(`no plotter ${id}`);
  return definition;
}

export function fixture(path: string): string {
  return readFileSync(new URL(`../../fixtures/plotters/${path}`, import.meta.url), 'utf8');
}

/** The lines of a log as the daemon cuts it, whatever pieces it comes in. */
export function linesOf(log: string, pieceBytes = 4096): string[] {
  const splitter = new LineSplitter(64 * 1024, 0);
  const bytes = Buffer.from(log);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    lines.push(...splitter.push(bytes.subarray(at, at + pieceBytes)).lines);
  return [...lines, ...splitter.flush().lines];
}

/** What a log tells, read with a small model of a position that only moves on. */
export function replay(plotter: string, log: string, pieceBytes?: number) {
  const definition = definitionOf(plotter);
  const plan = stagePlan(definition);
  const parser = compileParser(definition);
  const ends = plan.leaves.map((_, index) =>
    plan.leaves.slice(0, index + 1).reduce((sum, leaf) => sum + leaf.weight, 0),
  );
  let at = -1;
  let fraction = 0;
  const told = {
    /** Innermost stages in which the log itself put the plot, in order. */
    stages: [] as string[],
    /** Progress after each line that moved it, in percent. */
    progress: [0],
    names: [] as string[],
    ids: [] as string[],
    files: [] as string[],
    sizes: [] as number[],
    errors: [] as string[],
    waiting: [] as string[],
    /** Lines that told of a stage behind the position. */
    backwards: 0,
  };
  const moveTo = (leaf: number, share: number) => {
    if (leaf < at || (leaf === at && share < fraction)) {
      if (leaf < at) told.backwards += 1;
      return;
    }
    if (leaf !== at && leaf < plan.leaves.length) told.stages.push(plan.leaves[leaf]?.id ?? '');
    at = leaf;
    fraction = share;
    const start = leaf === 0 ? 0 : (ends[leaf - 1] ?? 1);
    told.progress.push((start + (plan.leaves[leaf]?.weight ?? 0) * share) * 100);
  };
  for (const line of linesOf(log, pieceBytes)) {
    for (const signal of parser.parse(line, plan.leaves[at]?.id ?? null)) {
      if (signal.type === 'enter') {
        // A line that enters the phase in which the plot is already is no step back.
        const inPhase =
          at >= 0 && signal.stage === phaseOf(signal.stage) && plan.leaves[at]?.phase === signal.stage;
        if (!inPhase) moveTo(plan.indexOf(signal.stage), 0);
      } else if (signal.type === 'leave') moveTo(plan.lastIndexOf(signal.stage) + 1, 0);
      else if (signal.type === 'inside') moveTo(plan.indexOf(signal.stage), signal.fraction);
      else if (signal.type === 'plot_name') told.names.push(signal.name);
      else if (signal.type === 'plot_id') told.ids.push(signal.id);
      else if (signal.type === 'final_file') told.files.push(signal.file);
      else if (signal.type === 'plot_size') told.sizes.push(signal.bytes);
      else if (signal.type === 'error') (signal.waits ? told.waiting : told.errors).push(signal.message);
    }
  }
  return told;
}
