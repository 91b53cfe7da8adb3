import type { PlotterDefinition } from '../config/schema/plotter.ts';
import { COMPUTED, DRAWN } from '../config/schema/plotter-parts.ts';
import type { ArgumentValue, ArgumentValues } from '../contract/names.ts';
import { checkValue } from './values.ts';

/** What is drawn anew for each start. */
export interface Draws {
  /** How many workers of this plotter there were before. */
  sequence: number;
  /** So many random hexadecimal digits. */
  random(digits: number): string;
}

/** Stand for what isn't drawn yet, to see whether it would be right: the largest of a sequence. */
export const SAMPLE: Draws = { sequence: Number.MAX_SAFE_INTEGER, random: (digits) => '0'.repeat(digits) };

/** What is there to fill in: arguments, and what is drawn, if that is known yet. */
export interface Filling {
  values: Readonly<Record<string, ArgumentValue | undefined>>;
  draws: Draws | null;
}

/** Fills `{…}` in; what isn't known stays as it is written. */
export function fillIn(text: string, { values, draws }: Filling): string {
  return text.replace(COMPUTED, (written, name: string, number: string | undefined) => {
    if (!DRAWN.includes(name)) {
      const value = number === undefined ? values[name] : undefined;
      return value === undefined || Array.isArray(value) ? written : String(value);
    }
    if (draws === null) return written;
    return name === 'random' ? draws.random(Number(number)) : inSequence(draws.sequence, number);
  });
}

function inSequence(sequence: number, modulo: string | undefined): string {
  if (sequence !== SAMPLE.sequence)
    return String(modulo === undefined ? sequence : sequence % Number(modulo));
  return modulo === undefined ? '0' : String(Number(modulo) - 1);
}

/** The arguments whose defaults are drawn anew for each start, or are computed from such. */
export function drawnArguments(definition: Pick<PlotterDefinition, 'arguments'>): ReadonlySet<string> {
  const drawn = new Set<string>();
  for (const [name, { default: value }] of Object.entries(definition.arguments)) {
    if (typeof value !== 'string') continue;
    for (const [, of = ''] of value.matchAll(COMPUTED))
      if (DRAWN.includes(of) || drawn.has(of)) drawn.add(name);
  }
  return drawn;
}

/**
 * The values of one start: what is drawn has its value. `values` are as resolved, where a default that is to be drawn
 * stands as it is written.
 */
export function drawnValues(
  definition: Pick<PlotterDefinition, 'arguments'>,
  values: ArgumentValues,
  draws: Draws,
): ArgumentValues {
  const drawn = drawnArguments(definition);
  if (drawn.size === 0) return values;
  const filled: ArgumentValues = { ...values };
  for (const [name, argument] of Object.entries(definition.arguments)) {
    const value = values[name];
    if (!drawn.has(name) || typeof value !== 'string' || value !== argument.default) continue;
    const text = fillIn(value, { values: filled, draws });
    const checked = checkValue(argument, text);
    filled[name] = 'value' in checked ? checked.value : text;
  }
  return filled;
}

/** Whether the plotter's workers are numbered. */
export function usesSequence({
  arguments: all,
  words,
}: Pick<PlotterDefinition, 'arguments' | 'words'>): boolean {
  const texts = [...words, ...Object.values(all).flatMap(({ flag, default: value }) => [flag, value])];
  return texts.some((text) => typeof text === 'string' && /\{sequence(?::\d+)?\}/.test(text));
}
