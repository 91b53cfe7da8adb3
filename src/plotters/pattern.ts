import type { LogPattern } from '../config/schema/plotter-parts.ts';
import { printable } from '../util/colours.ts';
import type { Memory } from './memory.ts';
import { leastBytes } from './plot-size.ts';
import type { Signal } from './signal.ts';
import { compileTemplate, groupOf } from './template.ts';
import type { WholePlot } from './whole-plot.ts';

/** A line that means nothing, or nothing new: one array for all of them. */
export const NO_SIGNALS: readonly Signal[] = Object.freeze([]);

/** A pattern of a definition, ready to be tried on lines. */
export interface CompiledPattern {
  /** The signals of a line without colours; `null` where the pattern isn't tried now, or doesn't match it. */
  read(line: string, innermost: string | null, memory: Memory): readonly Signal[] | null;
}

/** Longest text of an error that is passed on, in characters. */
const MAX_ERROR_LENGTH = 500;

/**
 * Prepares a pattern; `stages` are the ids that the definition has, all others are never signalled; `whole` knows where
 * a plot is of which a share is done.
 */
export function compilePattern(
  pattern: LogPattern,
  stages: ReadonlySet<string>,
  whole: WholePlot,
): CompiledPattern {
  const { during } = pattern;
  const within = new Set([...stages].filter((id) => id === during || id.startsWith(`${during}.`)));
  const when = Object.entries(pattern.when);
  const expression = new RegExp(pattern.match);
  const tell = tellersOf(pattern, stages, whole);
  return {
    read: (line, innermost, memory) => {
      if (during !== undefined && (innermost === null || !within.has(innermost))) return null;
      if (when.length > 0 && !when.every(([name, value]) => memory.values.get(name) === value)) return null;
      const match = expression.exec(line);
      if (match === null) return null;
      const signals: Signal[] = [];
      for (const each of tell) each(match, memory, signals, innermost);
      return signals.length === 0 ? NO_SIGNALS : signals;
    },
  };
}

/** One thing that a pattern tells: adds its signal, if there is one. */
type Teller = (match: RegExpExecArray, memory: Memory, signals: Signal[], innermost: string | null) => void;

/** All that a pattern tells, in the order of its signals. */
function tellersOf(pattern: LogPattern, stages: ReadonlySet<string>, whole: WholePlot): Teller[] {
  const { enter, leave, inside, error, lookup } = pattern;
  const tellers: Teller[] = [];
  for (const [name, text] of Object.entries(pattern.set)) {
    const value = compileTemplate(text, lookup);
    tellers.push((match, memory) => memory.values.set(name, value(match, memory) ?? ''));
  }
  if (pattern.begin)
    tellers.push((_match, memory, signals) => {
      // What was counted is about the plot before.
      memory.counted = { stage: null, fraction: 0 };
      signals.push({ type: 'begin' });
    });
  const tellGroup = (name: string, signal: (text: string) => Signal) =>
    tellers.push((match, _, signals) => {
      const text = groupOf(match, name);
      if (text !== undefined && text !== '') signals.push(signal(text));
    });
  const tellStage = (type: 'enter' | 'leave', text: string) => {
    const template = compileTemplate(text, lookup);
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
  if (inside?.whole)
    tellers.push((match, memory, signals, innermost) => {
      const share = fractionOf(inside, match, memory);
      const place = share === null ? null : whole(share, entered(signals) ?? innermost);
      if (place !== null && countsOn(memory, place.stage, place.fraction))
        signals.push({ type: 'inside', ...place });
    });
  else if (inside !== undefined) {
    const template = inside.stage === undefined ? undefined : compileTemplate(inside.stage, lookup);
    tellers.push((match, memory, signals, innermost) => {
      const stage = template === undefined ? innermost : template(match, memory);
      const fraction = fractionOf(inside, match, memory);
      if (typeof stage !== 'string' || !stages.has(stage) || fraction === null) return;
      if (template === undefined && !countsOn(memory, stage, fraction)) return;
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
      signals.push({
        ...{ type: 'error', message, waits: error.waits },
        ...(error.fatal && { fatal: true }),
        ...(path !== undefined && { path }),
      });
    });
  return tellers;
}

/** The stage that the same line has begun. */
function entered(signals: readonly Signal[]): string | null {
  return signals.find((signal) => signal.type === 'enter')?.stage ?? null;
}

/** How far the stage is, 0 to 1; `null` where the line has a number that nothing relates to. */
function fractionOf(
  inside: NonNullable<LogPattern['inside']>,
  match: RegExpExecArray,
  memory: Memory,
): number | null {
  const percent = groupOf(match, 'percent');
  if (percent !== undefined) return mapped(inside, Number(percent) / 100);
  const done = groupOf(match, 'done');
  if (done === undefined) return inside.to;
  return mapped(inside, Number(done) / Number(groupOf(match, 'of') ?? memory.values.get('of')));
}

/** A count is heard at each hundredth of a stage: less moves nothing that anybody sees, and lines come by thousands. */
const COUNTER_STEP = 0.01;

/** Whether a count within the innermost stage is far enough from the one that was heard last; remembers it, if so. */
function countsOn({ counted }: Memory, stage: string, fraction: number): boolean {
  if (counted.stage === stage && Math.abs(fraction - counted.fraction) < COUNTER_STEP) return false;
  counted.stage = stage;
  counted.fraction = fraction;
  return true;
}

/** Maps a share of what the line counts to the part of the stage that it is; `null` where it is no number. */
function mapped({ from, to }: { from: number; to: number }, share: number): number | null {
  return Number.isFinite(share) ? from + (to - from) * Math.min(1, Math.max(0, share)) : null;
}
