import type { PlotterDefinition } from '../config/schema/plotter.ts';
import type { Memory } from './memory.ts';
import { type CompiledPattern, compilePattern } from './pattern.ts';

/** Patterns one after the other whose lines begin alike. */
export interface Candidates {
  prefix: string;
  patterns: CompiledPattern[];
}

/** Candidates by the code of a line's first character; the last entry is for all that aren't ASCII. */
export type Table = readonly (readonly Candidates[])[];

export const ASCII = 128;

/** The patterns of a definition, by what lines begin with and by what earlier lines have set. */
export interface Dispatch {
  /** Those that may be tried now. */
  table(memory: Memory): Table;
}

const dispatches = new WeakMap<PlotterDefinition, Dispatch>();

/** Compiles a definition's patterns, once. */
export function dispatchOf(definition: PlotterDefinition): Dispatch {
  const known = dispatches.get(definition);
  if (known !== undefined) return known;
  const stages = new Set(definition.stages.map(({ id }) => id));
  const patterns = definition.patterns.map((pattern) => compilePattern(pattern, stages));
  const conditional = patterns.filter(({ when }) => when.length > 0);
  // A table for each combination of conditions that has been seen, so that lines needn't ask.
  const tables = new Map<string, Table>();
  const dispatch: Dispatch = {
    table: (memory) => {
      const key = conditional.map((pattern) => (holds(pattern, memory) ? '1' : '0')).join('');
      const table = tables.get(key) ?? tableOf(patterns.filter((pattern) => holds(pattern, memory)));
      tables.set(key, table);
      return table;
    },
  };
  dispatches.set(definition, dispatch);
  return dispatch;
}

function holds({ when }: CompiledPattern, { values }: Memory): boolean {
  return when.every(([name, value]) => values.get(name) === value);
}

function tableOf(patterns: readonly CompiledPattern[]): Table {
  return Array.from({ length: ASCII + 1 }, (_, code) =>
    grouped(
      patterns.filter(({ first, prefix }) => {
        if (first === null) return true;
        return code < ASCII ? first(code) : prefix === '' || prefix.charCodeAt(0) >= ASCII;
      }),
    ),
  );
}

function grouped(patterns: readonly CompiledPattern[]): Candidates[] {
  const groups: Candidates[] = [];
  for (const pattern of patterns) {
    const last = groups.at(-1);
    if (last?.prefix === pattern.prefix) last.patterns.push(pattern);
    else groups.push({ prefix: pattern.prefix, patterns: [pattern] });
  }
  return groups;
}
