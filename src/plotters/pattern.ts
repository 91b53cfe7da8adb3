import type { LogPattern } from '../config/schema/plotter-parts.ts';
import { printable, withoutColours } from '../util/colours.ts';
import { type Counter, counterOf } from './counter.ts';
import { type Literals, literalsOf } from './literals.ts';
import { type Memory, remember } from './memory.ts';
import { leastBytes } from './plot-size.ts';
import type { Signal } from './signal.ts';
import { compileGroups, compileTemplate, type GroupOf } from './template.ts';

/** A line that means nothing, or nothing new: one array for all of them. */
export const NO_SIGNALS: readonly Signal[] = Object.freeze([]);

/** A pattern of a definition, ready to be tried on lines that begin with its prefix. */
export interface CompiledPattern extends Literals {
  /** What earlier lines must have set. */
  when: readonly (readonly [name: string, value: string])[];
  /** The innermost stages at which it is tried; `null`: always. */
  during: ReadonlySet<string> | null;
  /** Where it is only a counter, which is read without `read`. */
  counter: Counter | null;
  /** The signals of a line, without a look at the above; `null` where the pattern doesn't match it. */
  read(line: string, innermost: string | null, memory: Memory): readonly Signal[] | null;
}

/** Longest text of an error that is passed on, in characters. */
const MAX_ERROR_LENGTH = 500;

/** Prepares a pattern; `stages` are the ids that the definition has, all others are never signalled. */
export function compilePattern(pattern: LogPattern, stages: ReadonlySet<string>): CompiledPattern {
  const { during } = pattern;
  const inside = [...stages].filter((id) => id === during || id.startsWith(`${during}.`));
  return {
    ...literalsOf(pattern.match),
    when: Object.entries(pattern.when),
    during: during === undefined ? null : new Set(inside),
    counter: counterOf(pattern),
    read: compileExpression(pattern, stages),
  };
}

function compileExpression(pattern: LogPattern, stages: ReadonlySet<string>): CompiledPattern['read'] {
  const { expression, groupOf } = compileGroups(pattern.match);
  const tell = tellersOf(pattern, stages, groupOf);
  return (line, innermost, memory) => {
    const match = expression.exec(withoutColours(line));
    if (match === null) return null;
    const signals: Signal[] = [];
    for (let index = 0; index < tell.length; index += 1) tell[index]?.(match, memory, signals, innermost);
    return signals.length === 0 ? NO_SIGNALS : signals;
  };
}

/** One thing that a pattern tells: adds its signal, if there is one. */
type Teller = (match: RegExpExecArray, memory: Memory, signals: Signal[], innermost: string | null) => void;

/** All that a pattern tells, in the order of its signals. */
function tellersOf(pattern: LogPattern, stages: ReadonlySet<string>, groupOf: GroupOf): Teller[] {
  const { enter, leave, inside, error, lookup } = pattern;
  const tellers: Teller[] = [];
  for (const [name, text] of Object.entries(pattern.set)) {
    const value = compileTemplate(text, groupOf, lookup);
    tellers.push((match, memory) => remember(memory, name, value(match, memory) ?? ''));
  }
  const tellGroup = (name: string, signal: (text: string) => Signal) =>
    tellers.push((match, _, signals) => {
      const text = groupOf(match, name);
      if (text !== undefined && text !== '') signals.push(signal(text));
    });
  const tellStage = (type: 'enter' | 'leave', text: string) => {
    const template = compileTemplate(text, groupOf, lookup);
    tellers.push((match, memory, signals) => {
      const stage = template(match, memory);
      if (stage !== undefined && stages.has(stage)) signals.push({ type, stage });
    });
  };
  if (pattern.plot_name) tellGroup('name', (name) => ({ type: 'plot_name', name }));
  if (pattern.plot_id) tellGroup('id', (id) => ({ type: 'plot_id', id }));
  if (pattern.plot_size)
    tellers.push((match, _, signals) => {
      const bytes = leastBytes(groupOf(match, 'size') ?? '', groupOf(match, 'unit'));
      if (bytes !== null) signals.push({ type: 'plot_size', bytes });
    });
  if (enter !== undefined) tellStage('enter', enter);
  if (inside !== undefined) {
    const template = inside.stage === undefined ? undefined : compileTemplate(inside.stage, groupOf, lookup);
    tellers.push((match, memory, signals, innermost) => {
      const stage = template === undefined ? innermost : template(match, memory);
      const fraction = fractionOf(inside, match, groupOf, memory);
      if (typeof stage === 'string' && stages.has(stage) && fraction !== null)
        signals.push({ type: 'inside', stage, fraction });
    });
  }
  if (pattern.final_file) tellGroup('file', (file) => ({ type: 'final_file', file }));
  if (leave !== undefined) tellStage('leave', leave);
  if (pattern.goes_on) tellers.push((_match, _memory, signals) => signals.push({ type: 'goes_on' }));
  if (error !== undefined)
    tellers.push((match, _, signals) => {
      const message = printable(groupOf(match, 'error') ?? match.input).slice(0, MAX_ERROR_LENGTH);
      const path = groupOf(match, 'path');
      signals.push({ type: 'error', message, waits: error.waits, ...(path !== undefined && { path }) });
    });
  return tellers;
}

/** How far the stage is, 0 to 1; `null` where the line has a number that nothing relates to. */
function fractionOf(
  inside: NonNullable<LogPattern['inside']>,
  match: RegExpExecArray,
  groupOf: GroupOf,
  memory: Memory,
): number | null {
  const percent = groupOf(match, 'percent');
  if (percent !== undefined) return mapped(inside, Number(percent) / 100);
  const done = groupOf(match, 'done');
  if (done === undefined) return inside.to;
  const of = groupOf(match, 'of');
  return mapped(inside, Number(done) / (of === undefined ? memory.of : Number(of)));
}

/** Maps a share of what the line counts to the part of the stage that it is; `null` where it is no number. */
export function mapped({ from, to }: { from: number; to: number }, share: number): number | null {
  return Number.isFinite(share) ? from + (to - from) * Math.min(1, Math.max(0, share)) : null;
}
