import type { PlotterDefinition } from '../config/schema/plotter.ts';
import { withoutColours } from '../util/colours.ts';
import { countAt } from './counter.ts';
import { ASCII, dispatchOf, type Table } from './dispatch.ts';
import { emptyMemory, type Memory } from './memory.ts';
import { type CompiledPattern, mapped, NO_SIGNALS } from './pattern.ts';
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
const ESCAPE = 27;

/** A parser for one log of this plotter: cheap, since a definition's patterns are compiled only once. */
export function compileParser(definition: PlotterDefinition): Parser {
  const dispatch = dispatchOf(definition);
  const memory = emptyMemory();
  let table = dispatch.table(memory);
  return {
    parse: (line, innermost) => {
      const text = line.length > MAX_LINE_LENGTH ? line.slice(0, MAX_LINE_LENGTH) : line;
      const signals = read(
        table,
        text.charCodeAt(0) === ESCAPE ? withoutColours(text) : text,
        innermost,
        memory,
      );
      if (memory.changed) {
        table = dispatch.table(memory);
        memory.changed = false;
      }
      return signals;
    },
  };
}

/** Every line comes here: loops by index and slice() are measurably faster than iterators and startsWith(). */
function read(table: Table, line: string, innermost: string | null, memory: Memory): readonly Signal[] {
  const candidates = table[Math.min(line.charCodeAt(0), ASCII)];
  if (candidates === undefined) return NO_SIGNALS;
  for (let index = 0; index < candidates.length; index += 1) {
    const candidate = candidates[index];
    if (candidate === undefined || line.slice(0, candidate.prefix.length) !== candidate.prefix) continue;
    const signals = tryPatterns(candidate.patterns, line, innermost, memory);
    if (signals !== null) return signals;
  }
  return NO_SIGNALS;
}

function tryPatterns(
  patterns: readonly CompiledPattern[],
  line: string,
  innermost: string | null,
  memory: Memory,
): readonly Signal[] | null {
  for (let index = 0; index < patterns.length; index += 1) {
    const pattern = patterns[index];
    if (pattern === undefined) continue;
    const signals =
      pattern.counter === null
        ? readPattern(pattern, line, innermost, memory)
        : readCounter(pattern, line, innermost, memory);
    if (signals !== null) return signals;
  }
  return null;
}

function readPattern(pattern: CompiledPattern, line: string, innermost: string | null, memory: Memory) {
  if (pattern.during !== null && (innermost === null || !pattern.during.has(innermost))) return null;
  // Colours may stand between the needle's characters.
  if (!line.includes(pattern.needle) && !line.includes('\x1b')) return null;
  return pattern.read(line, innermost, memory);
}

/** A counter is heard at each hundredth of a stage: less moves nothing that anybody sees, and lines come by thousands. */
const COUNTER_STEP = 0.01;

function readCounter(
  { counter, prefix }: CompiledPattern,
  line: string,
  innermost: string | null,
  { of, counted }: Memory,
): readonly Signal[] | null {
  if (counter === null) return null;
  const count = countAt(line, prefix.length, counter.suffix);
  if (count < 0) return null;
  const fraction = mapped(counter, count / of);
  if (fraction === null || innermost === null) return NO_SIGNALS;
  if (counted.stage === innermost && Math.abs(fraction - counted.fraction) < COUNTER_STEP) return NO_SIGNALS;
  counted.stage = innermost;
  counted.fraction = fraction;
  return [{ type: 'inside', stage: innermost, fraction }];
}
