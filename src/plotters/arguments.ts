import type { PlotterDefinition } from '../config/schema/plotter.ts';
import type { ArgumentDefinition } from '../config/schema/plotter-parts.ts';
import { didYouMean } from '../config/suggestions.ts';
import type { ArgumentValue, ArgumentValues } from '../contract/names.ts';
import { drawnArguments, fillIn, SAMPLE } from './computed.ts';
import { isRemote } from './remote.ts';
import { repeatedFlags } from './repeated-flags.ts';
import { checkValue } from './values.ts';

/** Where arguments may be set. */
export type ArgumentLevelName = 'job' | 'plotter' | 'defaults';

export interface ArgumentLevel {
  level: ArgumentLevelName;
  values: Readonly<Record<string, ArgumentValue | undefined>>;
}

export interface ArgumentProblem {
  code: 'missing_argument' | 'invalid_argument' | 'unknown_argument';
  argument: string;
  /** Where the offending value is set; `null` if nowhere, or in the plotter's definition. */
  level: ArgumentLevelName | null;
  /** Of a list of words: which of them, from 0 on. */
  item?: number;
  /** Says what is wrong and what would be right, without the names of job and plotter. */
  message: string;
}

export type ResolvedArguments =
  | { ok: true; values: ArgumentValues }
  /** `values`: those with which nothing is wrong. */
  | { ok: false; problems: ArgumentProblem[]; values: ArgumentValues };

interface Found {
  value: ArgumentValue;
  level: ArgumentLevelName | null;
}

/**
 * Looks each argument up in the levels, nearest first, then in the plotter's definition (contract, section 2,
 * "Defaults"), and checks it. All problems are found at once. The values come in the definition's order; a default that
 * is drawn anew for each start stands as it is written (see `drawnValues`).
 * @param absolute makes a directory absolute (relative to config.yaml, `~/`) before it is checked; without it,
 *   directories must be absolute already
 */
export function resolveArguments(
  definition: PlotterDefinition,
  levels: readonly ArgumentLevel[],
  absolute: (directory: string) => string = (directory) => directory,
): ResolvedArguments {
  const problems = unknownArguments(definition, levels);
  const values: ArgumentValues = {};
  const deciding = decidingLevels(definition, levels, problems);
  const drawn = drawnArguments(definition);
  // As `values`, with samples of what is drawn only at a start.
  const samples: ArgumentValues = {};
  for (const [name, argument] of Object.entries(definition.arguments)) {
    const found = lookUp(name, argument, levels, deciding);
    if (found === undefined) continue;
    const isDefault = found.level === null;
    const written = isDefault ? filled(found.value, samples) : found.value;
    const value = argument.type === 'directory' ? absoluteDirectories(written, argument, absolute) : written;
    const checked = checkValue(argument, value);
    const problem = { code: 'invalid_argument', argument: name, level: found.level } as const;
    if (!('value' in checked)) problems.push({ ...problem, message: `argument '${name}' ${checked.wrong}` });
    else {
      values[name] = isDefault && drawn.has(name) ? found.value : checked.value;
      samples[name] = checked.value;
      const repeated = Array.isArray(checked.value) ? repeatedFlags(definition, checked.value) : [];
      for (const { index, message } of repeated)
        problems.push({ ...problem, item: index, message: `argument '${name}' ${message}` });
    }
  }
  problems.push(
    ...missingArguments(definition, new Set([...Object.keys(values), ...problems.map(argumentOf)])),
  );
  return problems.length === 0 ? { ok: true, values } : { ok: false, problems, values };
}

/** A definition's default may be computed; what a user writes stands as it is. */
function filled(value: ArgumentValue, values: ArgumentValues): ArgumentValue {
  return typeof value === 'string' ? fillIn(value, { values, draws: SAMPLE }) : value;
}

function absoluteDirectories(
  value: ArgumentValue,
  argument: ArgumentDefinition,
  absolute: (directory: string) => string,
): ArgumentValue {
  const each = (path: string) => (isRemote(argument, path) ? path : absolute(path));
  if (Array.isArray(value)) return value.map(each);
  return typeof value === 'string' ? each(value) : value;
}

function argumentOf({ argument }: ArgumentProblem): string {
  return argument;
}

/** `defaults` are for all plotters: what one of them doesn't have is ignored there, and only there. */
function unknownArguments(
  definition: PlotterDefinition,
  levels: readonly ArgumentLevel[],
): ArgumentProblem[] {
  const known = Object.keys(definition.arguments);
  return levels
    .filter(({ level }) => level !== 'defaults')
    .flatMap(({ level, values }) =>
      Object.keys(values)
        .filter((name) => values[name] !== undefined && !Object.hasOwn(definition.arguments, name))
        .map((argument) => {
          const message = `unknown argument '${argument}'${didYouMean(argument, known)}`;
          return { code: 'unknown_argument' as const, argument, level, message };
        }),
    );
}

/** Of a group of which one is wanted, the nearest level that gives any member decides: group → index of the level. */
function decidingLevels(
  definition: PlotterDefinition,
  levels: readonly ArgumentLevel[],
  problems: ArgumentProblem[],
): ReadonlyMap<string, number> {
  const deciding = new Map<string, number>();
  for (const [group, members] of groupsOf(definition)) {
    const index = levels.findIndex(({ values }) => members.some((name) => values[name] !== undefined));
    const level = levels[index];
    if (level === undefined) continue;
    deciding.set(group, index);
    const given = members.filter((name) => level.values[name] !== undefined);
    for (const argument of given.slice(1)) {
      const message = `arguments ${quoted(given, 'and')} exclude each other: give one of them`;
      problems.push({ code: 'invalid_argument', argument, level: level.level, message });
    }
  }
  return deciding;
}

function lookUp(
  name: string,
  argument: ArgumentDefinition,
  levels: readonly ArgumentLevel[],
  deciding: ReadonlyMap<string, number>,
): Found | undefined {
  const only = argument.one_of === undefined ? undefined : deciding.get(argument.one_of);
  for (const { level, values } of only === undefined ? levels : levels.slice(only, only + 1)) {
    const value = values[name];
    if (value !== undefined) return { value, level };
  }
  return only === undefined && argument.default !== undefined
    ? { value: argument.default, level: null }
    : undefined;
}

/** Required arguments, and groups all of whose members are required, that were found nowhere. */
function missingArguments(definition: PlotterDefinition, found: ReadonlySet<string>): ArgumentProblem[] {
  const groups = groupsOf(definition);
  const single = Object.entries(definition.arguments)
    .filter(([name, { required, one_of }]) => required && one_of === undefined && !found.has(name))
    .map(([argument]) => missing(argument, `argument '${argument}' is missing`));
  const grouped = [...groups.values()]
    .filter((members) => members.every((name) => definition.arguments[name]?.required && !found.has(name)))
    .map((members) => missing(members[0] ?? '', `one of the arguments ${quoted(members, 'or')} is missing`));
  return [...single, ...grouped];
}

function missing(argument: string, message: string): ArgumentProblem {
  return { code: 'missing_argument', argument, level: null, message };
}

function groupsOf(definition: PlotterDefinition): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, { one_of }] of Object.entries(definition.arguments))
    if (one_of !== undefined) groups.set(one_of, [...(groups.get(one_of) ?? []), name]);
  return groups;
}

function quoted(names: readonly string[], word: 'and' | 'or'): string {
  return names.map((name) => `'${name}'`).join(` ${word} `);
}
