import type { PlotterDefinition } from '../config/schema/plotter.ts';
import type { ArgumentDefinition } from '../config/schema/plotter-parts.ts';
import type { ArgumentValue, ArgumentValues } from '../contract/names.ts';
import { type Draws, fillIn, type Filling } from './computed.ts';
import { isRemote } from './remote.ts';

/** A directory that an argument names. */
export interface ArgumentDirectory {
  argument: string;
  path: string;
}

/** A directory or several, by argument. */
export type Directories = Readonly<Record<string, string | readonly string[]>>;

/** What of a run isn't among its arguments. */
export interface WordsOfRun {
  /** What is passed instead of a directory's value, by argument name (a run's own temporary directory). */
  directories?: Directories;
  /** What stands for `{sequence}` and `{random:N}` in words and flags; without it they stay as they are. */
  draws?: Draws | null;
  /** How many plots it makes. */
  plots?: number;
}

/**
 * The words that a plotter's command gets: the definition's fixed ones, the number of plots where it can make several,
 * then each argument that has a value, in the definition's order, and lists of words last, but for those that
 * are `in_place`.
 * @param values as resolved: of the right types
 */
export function commandWords(
  definition: PlotterDefinition,
  values: ArgumentValues,
  { directories = {}, draws = null, plots = 1 }: WordsOfRun = {},
): string[] {
  const filling: Filling = { values: { ...values, ...asValues(directories) }, draws };
  const { several } = definition;
  const count = several === undefined ? [] : [several.flag, String(plots)];
  const words = [...definition.words.map((word) => fillIn(word, filling)), ...count];
  const last: string[] = [];
  for (const [name, argument] of Object.entries(definition.arguments)) {
    const value = argument.type === 'directory' ? filling.values[name] : values[name];
    if (value === undefined || !argument.pass) continue;
    (argument.type === 'words' && !argument.in_place ? last : words).push(
      ...wordsOf(argument, value, filling),
    );
  }
  return [...words, ...last];
}

/** A list of one is that one. */
function asValues(directories: Directories): ArgumentValues {
  const values: ArgumentValues = {};
  for (const [name, paths] of Object.entries(directories)) {
    const all = typeof paths === 'string' ? [paths] : [...paths];
    values[name] = all.length === 1 ? (all[0] ?? '') : all;
  }
  return values;
}

function wordsOf(argument: ArgumentDefinition, value: ArgumentValue, filling: Filling): string[] {
  const conditional = argument.with
    .filter((condition) => holds(condition, value))
    .flatMap(({ words }) => words);
  if (argument.type === 'words' && Array.isArray(value)) return [...value, ...conditional];
  const flag = argument.flag === undefined ? [] : [fillIn(argument.flag, filling)];
  if (typeof value === 'boolean') return [...(value ? flag : []), ...conditional];
  const each = Array.isArray(value) ? value : [String(value)];
  return [...each.flatMap((one) => [...flag, asPassed(argument, one)]), ...conditional];
}

function asPassed(argument: ArgumentDefinition, value: string): string {
  const slash = argument.type === 'directory' && argument.trailing_slash && !isRemote(argument, value);
  return slash && !value.endsWith('/') ? `${value}/` : value;
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
  /** All that can be used are handed over, rather than one of them. */
  list: boolean;
}

/**
 * Every argument that gives a directory, with those that it may be: the temporary ones first, in the definition's
 * order, of which the first is the main one, then the destination. What is no local directory is none of them.
 */
export function directoryChoices(definition: PlotterDefinition, values: ArgumentValues): DirectoryChoice[] {
  const given = Object.entries(definition.arguments).flatMap(([name, argument]) => {
    const { role, list } = argument;
    const written = writtenIn(argument, values[name]).filter((path) => !isRemote(argument, path));
    return role === undefined || written.length === 0 ? [] : [{ argument: name, role, written, list }];
  });
  const destination = given.find(({ role }) => role === 'destination');
  return [...given.filter(({ role }) => role === 'temp'), ...(destination ? [destination] : [])];
}

/** Of an argument's values those that are no local directories. */
export function remoteValues(definition: PlotterDefinition, values: ArgumentValues, name: string): string[] {
  const argument = definition.arguments[name];
  return argument === undefined
    ? []
    : writtenIn(argument, values[name]).filter((path) => isRemote(argument, path));
}

/** Whether the plot goes to no local directory: then the log's line alone says that it is there. */
export function isRemoteDestination(definition: PlotterDefinition, values: ArgumentValues): boolean {
  if (directoriesOf(definition, values).destination !== null) return false;
  return Object.entries(definition.arguments).some(
    ([name, { role }]) => role === 'destination' && remoteValues(definition, values, name).length > 0,
  );
}

/** Whether a file that a log names lies in no local directory: below one of the destinations that are elsewhere. */
export function isElsewhere(definition: PlotterDefinition, values: ArgumentValues, file: string): boolean {
  return Object.entries(definition.arguments).some(
    ([name, { role }]) =>
      role === 'destination' &&
      remoteValues(definition, values, name).some((value) => file === value || file.startsWith(`${value}/`)),
  );
}

function writtenIn({ type }: ArgumentDefinition, value: ArgumentValue | undefined): string[] {
  if (type !== 'directory' || value === undefined) return [];
  return Array.isArray(value) ? value : [String(value)];
}

/**
 * The directories that these arguments name, where one was chosen of each, and all of a list that is handed over: the
 * temporary ones, in the definition's order, and the destination (of several the first).
 */
export function directoriesOf(
  definition: PlotterDefinition,
  values: ArgumentValues,
): { temp: ArgumentDirectory[]; destination: ArgumentDirectory | null; destinations: ArgumentDirectory[] } {
  const given = Object.entries(definition.arguments).flatMap(([name, argument]) => {
    const value = values[name];
    // Of a list from which one is chosen, none is yet.
    if (Array.isArray(value) && !argument.list) return [];
    return writtenIn(argument, value)
      .filter((path) => !isRemote(argument, path))
      .map((path) => ({ role: argument.role, directory: { argument: name, path } }));
  });
  const of = (wanted: ArgumentDefinition['role']) =>
    given.filter(({ role }) => role === wanted).map(({ directory }) => directory);
  const destinations = of('destination');
  return { temp: of('temp'), destination: destinations[0] ?? null, destinations };
}
