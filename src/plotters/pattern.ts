import { type LogPattern, TEMPLATE_GROUP } from '../config/schema/plotter.ts';
import { withoutColours } from './colours.ts';
import { compileCounter } from './counter.ts';
import { type Literals, literalsOf } from './literals.ts';
import { type Memory, mapped, remember } from './memory.ts';
import type { Signal } from './signal.ts';

/** Groups of a match; those that took no part are `undefined`. */
type Groups = Readonly<Record<string, string | undefined>>;

/** A line that means nothing, or nothing new: one array for all of them. */
export const NO_SIGNALS: readonly Signal[] = Object.freeze([]);

/** A pattern of a definition, ready to be tried on lines that have its literals. */
export interface CompiledPattern extends Literals {
  /** The signals of a line; `null` where the pattern doesn't match it. */
  read(line: string, innermost: string | null, memory: Memory): readonly Signal[] | null;
}

/** Longest text of an error that is passed on, in characters. */
const MAX_ERROR_LENGTH = 500;

/** Prepares a pattern; `stages` are the ids that the definition has, all others are never signalled. */
export function compilePattern(pattern: LogPattern, stages: ReadonlySet<string>): CompiledPattern {
  const literals = literalsOf(pattern.match);
  const condition = compileCondition(pattern, stages);
  const counter = compileCounter(pattern, literals, stages);
  const read = counter ?? compileExpression(pattern, stages);
  return {
    ...literals,
    needle: counter === null ? literals.needle : '',
    read:
      condition === null
        ? read
        : (line, at, memory) => (condition(at, memory) ? read(line, at, memory) : null),
  };
}

function compileCondition({ during, when }: LogPattern, stages: ReadonlySet<string>) {
  const wanted = Object.entries(when);
  if (during === undefined && wanted.length === 0) return null;
  const inside = new Set([...stages].filter((id) => id === during || id.startsWith(`${during}.`)));
  return (innermost: string | null, memory: Memory): boolean => {
    if (during !== undefined && (innermost === null || !inside.has(innermost))) return false;
    for (const [name, value] of wanted) if (memory.values[name] !== value) return false;
    return true;
  };
}

function compileExpression(pattern: LogPattern, stages: ReadonlySet<string>): CompiledPattern['read'] {
  const expression = new RegExp(pattern.match);
  const template = (written: string | undefined) => compileTemplate(written, pattern.lookup);
  const [enter, leave, inside] = [pattern.enter, pattern.leave, pattern.inside?.stage].map(template);
  const set = Object.entries(pattern.set).map(([name, text]) => ({ name, value: template(text) }));
  return (line, innermost, memory) => {
    const text = withoutColours(line);
    const match = expression.exec(text);
    if (match === null) return null;
    const groups: Groups = match.groups ?? {};
    for (const { name, value } of set) remember(memory, name, value?.(groups, memory) ?? '');
    const signals: Signal[] = [];
    if (pattern.plot_name && groups.name) signals.push({ type: 'plot_name', name: groups.name });
    if (pattern.plot_id && groups.id) signals.push({ type: 'plot_id', id: groups.id });
    const entered = enter?.(groups, memory);
    if (entered !== undefined && stages.has(entered)) signals.push({ type: 'enter', stage: entered });
    if (pattern.inside) {
      const stage = inside?.(groups, memory) ?? innermost;
      const fraction = fractionOf(pattern.inside, groups, memory);
      if (stage !== null && stages.has(stage) && fraction !== null)
        signals.push({ type: 'inside', stage, fraction });
    }
    if (pattern.final_file && groups.file) signals.push({ type: 'final_file', file: groups.file });
    const left = leave?.(groups, memory);
    if (left !== undefined && stages.has(left)) signals.push({ type: 'leave', stage: left });
    if (pattern.error) {
      const message = (groups.error ?? text).trim().slice(0, MAX_ERROR_LENGTH);
      signals.push({ type: 'error', message, waits: pattern.error.waits });
    }
    return signals.length === 0 ? NO_SIGNALS : signals;
  };
}

/** Fills in the groups of a match, else what was set; `undefined` where one is missing. */
function compileTemplate(text: string | undefined, lookup: Readonly<Record<string, string>>) {
  if (text === undefined) return undefined;
  if (!text.includes('{')) return () => text;
  return (groups: Groups, memory: Memory): string | undefined => {
    let complete = true;
    const filled = text.replace(TEMPLATE_GROUP, (_, name: string) => {
      const value = groups[name] ?? memory.values[name];
      if (value === undefined) complete = false;
      return value === undefined ? '' : (lookup[value] ?? value);
    });
    return complete ? filled : undefined;
  };
}

/** How far the stage is, 0 to 1; `null` where the line has a number that nothing relates to. */
function fractionOf(
  inside: NonNullable<LogPattern['inside']>,
  groups: Groups,
  memory: Memory,
): number | null {
  if (groups.percent !== undefined) return mapped(inside, Number(groups.percent) / 100);
  if (groups.done === undefined) return inside.to;
  const of = groups.of === undefined ? memory.of : Number(groups.of);
  return mapped(inside, Number(groups.done) / of);
}
