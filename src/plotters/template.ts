import { TEMPLATE_GROUP } from '../config/schema/plotter-parts.ts';
import type { Memory } from './memory.ts';

/** The value of a named group of a match; `undefined` where it took no part. */
export type GroupOf = (match: RegExpExecArray, name: string) => string | undefined;

/** Fills in the groups of a match, else what was set; `undefined` where one is missing. */
export type Template = (match: RegExpExecArray, memory: Memory) => string | undefined;

/** Prepares a template such as `2.{table}`; `lookup` says otherwise than the group does. */
export function compileTemplate(
  text: string,
  groupOf: GroupOf,
  lookup: Readonly<Record<string, string>>,
): Template {
  const names = [...text.matchAll(TEMPLATE_GROUP)].map(([, name = '']) => name);
  const texts = text.split(/\{\w+\}/);
  const [start = ''] = texts;
  if (names.length === 0) return () => start;
  const translated = new Map(Object.entries(lookup));
  return (match, memory) => {
    let filled = start;
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] ?? '';
      const value = groupOf(match, name) ?? memory.values.get(name);
      if (value === undefined) return undefined;
      filled += (translated.get(value) ?? value) + (texts[index + 1] ?? '');
    }
    return filled;
  };
}

/**
 * Reads named groups by their number: `match.groups` is an object that takes longer to make than all the rest of
 * a match. An expression whose groups can't be counted keeps to the names.
 * @returns the expression to use, and how to read its groups
 */
export function compileGroups(source: string): { expression: RegExp; groupOf: GroupOf } {
  const names = Object.keys(new RegExp(`${source}|`).exec('')?.groups ?? {});
  const openings = [...source.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|\((\?<([A-Za-z_]\w*)>|\?)?/gs)].filter(
    ([text, special]) => text.startsWith('(') && special !== '?',
  );
  const numbers = new Map(openings.map(([, , name], index) => [name ?? '', index + 1]));
  if (source.includes('\\k') || names.some((name) => !numbers.has(name)))
    return { expression: new RegExp(source), groupOf: (match, name) => match.groups?.[name] };
  const expression = new RegExp(source.replace(/\\.|\[(?:\\.|[^\]\\])*\]|\(\?<[A-Za-z_]\w*>/gs, unnamed));
  const known = new Map(names.map((name) => [name, numbers.get(name) ?? 0]));
  return {
    expression,
    groupOf: (match, name) => {
      const number = known.get(name);
      return number === undefined ? undefined : match[number];
    },
  };
}

function unnamed(text: string): string {
  return text.startsWith('(?<') ? '(' : text;
}
