import type { Checker } from './plotter-checks.ts';
import { type ArgumentDefinition, COMPUTED, DRAWN } from './plotter-parts.ts';

interface Parts {
  command: string;
  arguments: Record<string, ArgumentDefinition>;
  words: string[];
}
type Issue = (path: (string | number)[], message: string) => void;

/** What is only for directories is said of directories, and what is computed is computed from what is always there. */
export function checkArgumentRules(definition: Parts, check: Checker): void {
  const issue: Issue = (path, message) => check.addIssue({ code: 'custom', path, message });
  for (const [name, argument] of Object.entries(definition.arguments)) {
    checkTypeRules(name, argument, issue);
    checkPassed(name, argument, issue);
    if (DRAWN.includes(name))
      issue(['arguments', name], `an argument can't be called "${name}": {${name}} is a computed value`);
  }
  checkComputed(definition, issue);
  const [drawn] = definition.command.match(DRAWN_IN_TEXT) ?? [];
  if (drawn !== undefined)
    issue(['command'], `${drawn} is not computed in a command: it belongs into "words", a flag or a default`);
}

const DRAWN_IN_TEXT = /\{(?:sequence(?::\d+)?|random:\d+)\}/;

function checkPassed(name: string, { pass, role, flag }: ArgumentDefinition, issue: Issue): void {
  if (pass) return;
  // A destination may be where the program is started: its command finds it in $PLOT2MQTT_DEST_DIR.
  if (role === 'temp')
    issue(['arguments', name, 'pass'], 'a temporary directory is made for the program: it has to be passed');
  if (flag !== undefined)
    issue(['arguments', name, 'flag'], 'an argument that is not passed ("pass: false") has no flag');
}

/** What says something only of arguments of one type. */
const ONLY_FOR = {
  ...{ in_place: 'words', list: 'directory', remote: 'directory' },
  ...{ min: 'integer', max: 'integer', length: 'hex', pattern: 'string' },
  ...{ role: 'directory', trailing_slash: 'directory' },
} as const;
type KeyOfType = keyof typeof ONLY_FOR;
/** What of it can't be meant of another type. */
const REFUSED: readonly KeyOfType[] = ['in_place', 'list', 'remote'];
/** What of it changes nothing there, and has always been taken. */
export const IN_VAIN: readonly KeyOfType[] = ['min', 'max', 'length', 'pattern', 'role', 'trailing_slash'];

/** Which of these keys an argument has that are only for another type, with that. */
export function saidOfOtherTypes(
  argument: ArgumentDefinition,
  keys: readonly KeyOfType[],
): { key: KeyOfType; type: string }[] {
  const isSaid = (key: KeyOfType) => argument[key] !== undefined && argument[key] !== false;
  return keys
    .filter((key) => isSaid(key) && argument.type !== ONLY_FOR[key])
    .map((key) => ({ key, type: ONLY_FOR[key] }));
}

function checkTypeRules(name: string, argument: ArgumentDefinition, issue: Issue): void {
  const { min, max, length } = argument;
  for (const { key, type } of saidOfOtherTypes(argument, REFUSED))
    issue(['arguments', name, key], `"${key}" is only for an argument with "type: ${type}"`);
  if (min !== undefined && max !== undefined && min > max)
    issue(['arguments', name, 'min'], `the smallest value, ${min}, is more than the largest, ${max}`);
  if (length !== undefined && length % 2 === 1)
    issue(['arguments', name, 'length'], `must be even: two hexadecimal characters are a byte`);
}

/** Where `{…}` stands, and whether a value has to be there already. */
interface Place {
  path: (string | number)[];
  text: string;
  /** Arguments that have their value before this one. */
  known: ReadonlySet<string>;
  /** It is computed before directories are chosen. */
  isDefault?: boolean;
}

function checkComputed({ arguments: all, words }: Parts, issue: Issue): void {
  const names = Object.keys(all);
  const every = new Set(names);
  const places: Place[] = words.map((text, index) => ({ path: ['words', index], text, known: every }));
  for (const [index, [name, argument]] of Object.entries(all).entries()) {
    const { flag, default: value } = argument;
    if (flag !== undefined) places.push({ path: ['arguments', name, 'flag'], text: flag, known: every });
    if (typeof value !== 'string') continue;
    const path = ['arguments', name, 'default'];
    places.push({ path, text: value, known: new Set(names.slice(0, index)), isDefault: true });
    checkDrawn(argument, value, (message) => issue(path, message));
  }
  for (const { path, text, ...place } of places)
    for (const [, name = '', number] of text.matchAll(COMPUTED)) {
      const message = problemOf(name, number, { all, ...place });
      if (message !== null) issue(path, message);
    }
}

/** The most hexadecimal digits that are drawn at once. */
const MOST_DIGITS = 1024;

function problemOf(
  name: string,
  number: string | undefined,
  { all, known, isDefault = false }: { all: Parts['arguments'] } & Pick<Place, 'known' | 'isDefault'>,
): string | null {
  if (name === 'random') {
    const digits = Number(number);
    return digits >= 1 && digits <= MOST_DIGITS
      ? null
      : `{random:N} wants how many hexadecimal digits, 1 to ${MOST_DIGITS}, such as {random:64}`;
  }
  if (name === 'sequence')
    return number === undefined || Number(number) >= 1
      ? null
      : '{sequence:N} counts from 0 to N - 1: N is at least 1';
  const argument = all[name];
  if (argument === undefined)
    return `{${name}} is neither an argument nor {sequence}, {sequence:N} or {random:N}`;
  if (number !== undefined) return `{${name}:${number}}: only {sequence:N} and {random:N} have a number`;
  if (!known.has(name)) return `{${name}} has no value yet: it stands behind this argument`;
  if (argument.type === 'words' || argument.list)
    return `{${name}} is a list: only single values can stand in a text`;
  if (isDefault && argument.type === 'directory')
    return `{${name}} is chosen at each start: a directory can stand in words and flags, not in a default`;
  // Of a group another member may be given.
  const isAlwaysThere =
    (argument.required && argument.one_of === undefined) || argument.default !== undefined;
  return isAlwaysThere ? null : `{${name}} may have no value: give '${name}' a default, or make it required`;
}

/** What is drawn at each start must be of the argument's type whatever it comes to. */
function checkDrawn(
  { type, role, min, max }: ArgumentDefinition,
  text: string,
  issue: (message: string) => void,
): void {
  for (const [placeholder, name = '', number] of text.matchAll(COMPUTED)) {
    if (!DRAWN.includes(name)) continue;
    if (type === 'directory' || role !== undefined)
      issue(`a directory can't have ${placeholder} in its default: directories are there before a start`);
    if (name === 'random' && type === 'integer')
      issue(`${placeholder} is hexadecimal digits, and ${type} wants decimal ones: {sequence:N} is a number`);
    if (name === 'sequence' && text === placeholder && min !== undefined && min > 0)
      issue(`${placeholder} begins with 0, which is less than the smallest value, ${min}`);
    if (name === 'sequence' && number === undefined && max !== undefined)
      issue(`{sequence} grows beyond the largest value, ${max}: with {sequence:${max + 1}} it begins anew`);
  }
}
