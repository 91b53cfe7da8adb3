import type { ArgumentDefinition } from '../config/schema/plotter-parts.ts';

const compiled = new WeakMap<ArgumentDefinition, RegExp>();

/** Whether a directory's value is no local directory, such as `@host`: it begins as the definition says. */
export function isRemote(argument: ArgumentDefinition, value: string): boolean {
  if (argument.remote === undefined) return false;
  const known = compiled.get(argument) ?? new RegExp(`^(?:${argument.remote})`);
  compiled.set(argument, known);
  return known.test(value);
}
