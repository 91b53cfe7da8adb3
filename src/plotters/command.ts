import type { PlotterDefinition } from '../config/schema/plotter.ts';
import type { ArgumentDefinition } from '../config/schema/plotter-parts.ts';
import type { ArgumentValue, ArgumentValues } from '../contract/names.ts';

/** A directory that an argument names. */
export interface ArgumentDirectory {
  argument: string;
  path: string;
}

/** What of a run isn't among its arguments. */
export interface WordsOfRun {
  /** What is passed instead of a directory's value, by argument name (a run's own temporary directory). */
  directories?: Readonly<Record<string, string>>;
  /** How many plots it makes. */
  plots?: number;
}

/**
 * The words that a plotter's command gets: the definition's fixed ones, the number of plots where it can make several,
 * then each argument that has a value, in the definition's order, and lists of words last.
 * @param values as resolved: of the right types
 */
export function commandWords(
  definition: PlotterDefinition,
  values: ArgumentValues,
  { directories = {}, plots = 1 }: WordsOfRun = {},
): string[] {
  const { several } = definition;
  const words = [...definition.words, ...(several === undefined ? [] : [several.flag, String(plots)])];
  const last: string[] = [];
  for (const [name, argument] of Object.entries(definition.arguments)) {
    const value = argument.type === 'directory' ? (directories[name] ?? values[name]) : values[name];
    if (value === undefined) continue;
    (argument.type === 'words' ? last : words).push(...wordsOf(argument, value));
  }
  return [...words, ...last];
}

function wordsOf(argument: ArgumentDefinition, value: ArgumentValue): string[] {
  const conditional = argument.with
    .filter((condition) => holds(condition, value))
    .flatMap(({ words }) => words);
  if (Array.isArray(value)) return [...value, ...conditional];
  const flag = argument.flag === undefined ? [] : [argument.flag];
  if (typeof value === 'boolean') return [...(value ? flag : []), ...conditional];
  const slash = argument.type === 'directory' && argument.trailing_slash && !String(value).endsWith('/');
  return [...flag, slash ? `${value}/` : String(value), ...conditional];
}

function holds({ below, equals }: ArgumentDefinition['with'][number], value: ArgumentValue): boolean {
  if (below !== undefined && !(typeof value === 'number' && value < below)) return false;
  return equals === undefined || JSON.stringify(equals) === JSON.stringify(value);
}

/** The directories that an argument may be: as they are written, so that some may be patterns. */
export interface DirectoryChoice {
  argument: string;
  role: 'temp' | 'destination';
  written: string[];
}

/**
 * Every argument that gives a directory, with those that it may be: the temporary ones first, in the definition's
 * order, of which the first is the main one, then the destination.
 */
export function directoryChoices(definition: PlotterDefinition, values: ArgumentValues): DirectoryChoice[] {
  const given = Object.entries(definition.arguments).flatMap(([argument, { type, role }]) => {
    const value = values[argument];
    if (type !== 'directory' || role === undefined || value === undefined) return [];
    const written = Array.isArray(value) ? value : [String(value)];
    return [{ argument, role, written }];
  });
  const destination = given.find(({ role }) => role === 'destination');
  return [...given.filter(({ role }) => role === 'temp'), ...(destination ? [destination] : [])];
}

/** The directories that these arguments name, where one was chosen of each: the temporary ones, in the definition's order, and the destination. */
export function directoriesOf(
  definition: PlotterDefinition,
  values: ArgumentValues,
): { temp: ArgumentDirectory[]; destination: ArgumentDirectory | null } {
  const given = Object.entries(definition.arguments).flatMap(([argument, { type, role }]) => {
    const path = values[argument];
    return type === 'directory' && typeof path === 'string' ? [{ role, directory: { argument, path } }] : [];
  });
  return {
    temp: given.filter(({ role }) => role === 'temp').map(({ directory }) => directory),
    destination: given.find(({ role }) => role === 'destination')?.directory ?? null,
  };
}
