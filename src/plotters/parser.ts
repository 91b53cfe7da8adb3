import type { PlotterDefinition } from '../config/schema/plotter.ts';
import { withoutColours } from './colours.ts';
import { emptyMemory, type Memory } from './memory.ts';
import { type CompiledPattern, compilePattern, NO_SIGNALS } from './pattern.ts';
import type { Signal } from './signal.ts';

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
const ASCII = 128;
const ESCAPE = 27;

/** Candidates by the code of a line's first character; the last entry is for all that aren't ASCII. */
type Table = readonly (readonly Candidates[])[];
/** Patterns one after the other whose lines begin alike. */
interface Candidates {
  prefix: string;
  patterns: CompiledPattern[];
}

const tables = new WeakMap<PlotterDefinition, Table>();

/** A parser for one log of this plotter; the patterns themselves are compiled once per definition. */
export function compileParser(definition: PlotterDefinition): Parser {
  const table = tables.get(definition) ?? compileTable(definition);
  tables.set(definition, table);
  const memory = emptyMemory();
  return {
    parse: (line, innermost) => {
      const text = line.length > MAX_LINE_LENGTH ? line.slice(0, MAX_LINE_LENGTH) : line;
      return read(table, text.charCodeAt(0) === ESCAPE ? withoutColours(text) : text, innermost, memory);
    },
  };
}

function compileTable({ patterns, stages }: PlotterDefinition): Table {
  const ids = new Set(stages.map(({ id }) => id));
  const compiled = patterns.map((pattern) => compilePattern(pattern, ids));
  return Array.from({ length: ASCII + 1 }, (_, code) =>
    grouped(
      compiled.filter(({ first, prefix }) => {
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

function read(table: Table, line: string, innermost: string | null, memory: Memory): readonly Signal[] {
  const code = line.charCodeAt(0);
  const candidates = table[Math.min(code, ASCII)];
  if (candidates === undefined) return NO_SIGNALS;
  for (const { prefix, patterns } of candidates) {
    if (!line.startsWith(prefix)) continue;
    for (const pattern of patterns) {
      if (pattern.needle !== '' && !line.includes(pattern.needle)) continue;
      const signals = pattern.read(line, innermost, memory);
      if (signals !== null) return signals;
    }
  }
  return NO_SIGNALS;
}
