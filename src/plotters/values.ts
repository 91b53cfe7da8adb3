import type { ArgumentDefinition } from '../config/schema/plotter-parts.ts';
import type { ArgumentValue } from '../contract/names.ts';
import { isPattern } from '../util/directory-patterns.ts';
import { pasted } from './pasted.ts';
import { isRemote } from './remote.ts';

/** A value as the plotter gets it, or what is wrong with it (to follow the argument's name). */
export type CheckedValue = { value: ArgumentValue } | { wrong: string };

/**
 * Checks one value and gives it its type: what a user may write as text (`"8"`, `"true"`) becomes what it means. A
 * directory that is one of several, or has a pattern, becomes a list: one of them is chosen at each start.
 */
export function checkValue(argument: ArgumentDefinition, value: ArgumentValue): CheckedValue {
  const checked = CHECKS[argument.type](value, argument);
  if ('value' in checked || argument.hint === undefined) return checked;
  return { wrong: `${checked.wrong} (${argument.hint})` };
}

type Check = (value: ArgumentValue, argument: ArgumentDefinition) => CheckedValue;

const CHECKS: Readonly<Record<ArgumentDefinition['type'], Check>> = {
  string: (value, { pattern }) => {
    if (typeof value !== 'string' && typeof value !== 'number') return { wrong: 'must be a text' };
    const text = String(value);
    if (pattern === undefined)
      return hasControlCharacter(text)
        ? { wrong: `has a control character: ${shown(text)}` }
        : { value: text };
    const expression = new RegExp(`^(?:${pattern})$`);
    if (expression.test(text) && !hasControlCharacter(text)) return { value: text };
    const { clean, extra } = pasted(text);
    return { wrong: and(extra, expression.test(clean) ? null : `has a wrong form: ${shown(text)}`) };
  },
  integer: (value, { min, max }) => {
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number))
      return { wrong: `must be a whole number, not ${shown(value)}` };
    if (min !== undefined && number < min) return { wrong: `must be at least ${min}, not ${number}` };
    if (max !== undefined && number > max) return { wrong: `must be at most ${max}, not ${number}` };
    return { value: number };
  },
  boolean: (value) => {
    if (typeof value === 'boolean') return { value };
    if (value === 'true' || value === 'false') return { value: value === 'true' };
    return { wrong: `must be true or false, not ${shown(value)}` };
  },
  hex: (value, { length }) => {
    if (typeof value === 'number')
      return { wrong: 'must be in quotes, or it is read as a number, and without a "0x" before it' };
    if (typeof value !== 'string') return { wrong: 'must be a text of hexadecimal characters' };
    const { clean, extra } = pasted(value, /^0x/i);
    const wrong = hexProblem(clean, length);
    return extra === null && wrong === null ? { value } : { wrong: and(extra, wrong) };
  },
  directory: (value, argument) => {
    const { role, list } = argument;
    const one = typeof value === 'string';
    if (!one && !Array.isArray(value)) return { wrong: `must be a directory, not ${shown(value)}` };
    const written = one ? [value] : [...new Set(value)];
    const remote = written.filter((each) => isRemote(argument, each));
    const wrong = written
      .map((each) => (remote.includes(each) ? controlProblem(each) : directoryProblem(each)))
      .find((problem) => problem !== null);
    if (wrong !== undefined) return { wrong };
    // Nobody looks at a directory that is for nothing: it is passed on as it is written.
    if (role === undefined && !list) return one ? { value } : { wrong: 'takes one directory, not a list' };
    const [elsewhere] = list || one ? [] : remote;
    if (elsewhere !== undefined)
      return {
        wrong: `takes ${shown(elsewhere)}, which is no local directory, only alone: there is no room to choose it by`,
      };
    if (written.length > MAX_DIRECTORIES)
      return { wrong: `must have at most ${MAX_DIRECTORIES} directories, not ${written.length}` };
    const [first] = written;
    if (first === undefined) return { wrong: 'must be a directory, or a list of some, not an empty list' };
    return { value: written.length === 1 && !isPattern(first) ? first : written };
  },
  words: (value) => {
    if (!Array.isArray(value)) return { wrong: `must be a list of words, such as ["-s", "65536"]` };
    const wrong = value.find((word) => word.includes('\0'));
    return wrong === undefined ? { value } : { wrong: `has a NUL character: ${shown(wrong)}` };
  },
};

/** So many directories and patterns a list has at most (contract, section 8). */
const MAX_DIRECTORIES = 200;

function controlProblem(path: string): string | null {
  return hasControlCharacter(path) ? `has a control character in its name: ${shown(path)}` : null;
}

function directoryProblem(path: string): string | null {
  const control = controlProblem(path);
  if (control !== null) return control;
  return path.startsWith('/') ? null : `must be an absolute directory, not ${shown(path)}`;
}

function hexProblem(text: string, length: number | undefined): string | null {
  if (!/^[0-9a-fA-F]*$/.test(text)) return 'has characters that are not hexadecimal (0-9, a-f)';
  if (length !== undefined && text.length !== length)
    return `must have ${length} hexadecimal characters, not ${text.length}`;
  if (text.length === 0 || text.length % 2 === 1)
    return `must have an even number of hexadecimal characters, not ${text.length}`;
  return null;
}

/** All that is wrong with a value, in one message. */
function and(...problems: (string | null)[]): string {
  return problems.filter((problem) => problem !== null).join(', and ');
}

/** Control characters as in `\t` or NUL; above ASCII too. */
function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** A value in a message: control characters are written out, and what is long is cut. */
function shown(value: ArgumentValue): string {
  const text = JSON.stringify(value).replace(/[\u007f-\u009f]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
