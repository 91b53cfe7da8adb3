import type { PlotterDefinition } from '../config/schema/plotter.ts';
import { withoutColours } from '../util/colours.ts';
import { emptyMemory } from './memory.ts';
import { type CompiledPattern, compilePattern, NO_SIGNALS } from './pattern.ts';
import type { Signal } from './signal.ts';
import { wholePlot } from './whole-plot.ts';

/** Reads one log. It remembers what its lines have set: each log wants a parser of its own, from its first line on. */
export interface Parser {
  /**
   * What a line means: nothing, or the signals in the order in which they hold.
   * @param line without its line break
   * @param innermost the innermost stage now; `null` before the first
   */
  parse(line: string, innermost: string | null): readonly Signal[];
}

/** Longer lines are looked at up to here: nothing that matters is so long, and a hostile log stays cheap. */
const MAX_LINE_LENGTH = 4096;

/** A parser for one log of this plotter: cheap, since a definition's patterns are compiled only once. */
export function compileParser(definition: PlotterDefinition): Parser {
  const patterns = patternsOf(definition);
  const memory = emptyMemory();
  return {
    parse: (line, innermost) => {
      const text = withoutColours(line.slice(0, MAX_LINE_LENGTH));
      for (const pattern of patterns) {
        const signals = pattern.read(text, innermost, memory);
        if (signals !== null) return signals;
      }
      return NO_SIGNALS;
    },
  };
}

const compiled = new WeakMap<PlotterDefinition, readonly CompiledPattern[]>();

/** A definition's patterns in their order. */
function patternsOf(definition: PlotterDefinition): readonly CompiledPattern[] {
  const known = compiled.get(definition);
  if (known !== undefined) return known;
  const whole = wholePlot(definition);
  const stages = new Set(definition.stages.map(({ id }) => id));
  const patterns = definition.patterns.map((pattern) => compilePattern(pattern, stages, whole));
  compiled.set(definition, patterns);
  return patterns;
}
