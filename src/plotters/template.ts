import { TEMPLATE_GROUP } from '../config/schema/plotter-parts.ts';
import type { Memory } from './memory.ts';

/** The value of a named group of a match; `undefined` where there is no such group, or it took no part. */
export function groupOf(match: RegExpExecArray, name: string): string | undefined {
  return match.groups?.[name];
}

/** Fills in the groups of a match, else what was set; `undefined` where one is missing. */
export type Template = (match: RegExpExecArray, memory: Memory) => string | undefined;

/** Prepares a template such as `2.{table}`; `lookup` says otherwise than the group does. */
export function compileTemplate(text: string, lookup: Readonly<Record<string, string>>): Template {
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
