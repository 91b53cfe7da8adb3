import * as z from 'zod';
import { type Path, pathKey, withoutValue } from './positions.ts';
import type { Finding } from './problems.ts';
import { didYouMean } from './suggestions.ts';

type Issue = z.core.$ZodIssue;

/** What the schema's names for types are called in messages. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'keys and values',
  record: 'keys and values',
  array: 'a list',
};

export type Validation<T> = { ok: true; value: T } | { ok: false; findings: Finding[] };

/** Parses with a schema and says what is wrong in words for who writes config.yaml, no value ever quoted. */
export function validate<T>(schema: z.ZodType<T>, input: unknown): Validation<T> {
  const knownKeys = new Map<string, string[]>();
  const remember: z.core.$ZodErrorMap = (issue) => {
    if (issue.code === 'unrecognized_keys' && issue.inst instanceof z.ZodObject)
      knownKeys.set(pathKey(toPath(issue.path ?? [])), Object.keys(issue.inst.shape));
    return undefined;
  };
  const result = schema.safeParse(input, { error: remember });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, findings: result.error.issues.flatMap((issue) => findingsOf(issue, input, knownKeys)) };
}

function findingsOf(issue: Issue, input: unknown, knownKeys: ReadonlyMap<string, string[]>): Finding[] {
  const path = toPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys.get(pathKey(path)) ?? [];
    return issue.keys.map((key) => ({ path: [...path, key], at: 'key', message: unknownKey(key, known) }));
  }
  if (issue.code === 'invalid_key') {
    const rule = issue.issues.map((inner) => inner.message).join('; ');
    return [{ path, at: 'key', message: `'${String(path.at(-1))}' can't be a name here: ${rule}` }];
  }
  const inside = issue.code === 'invalid_union' ? insideOf(issue) : undefined;
  if (inside) return inside.flatMap((inner) => findingsOf(inner, input, knownKeys));
  const value = valueAt(input, path);
  const message =
    value === undefined && issue.code !== 'custom' ? missing(issue, input) : messageOf(issue, value);
  return [{ path, at: 'value', message }];
}

/** Where a value is of the type of one branch, and only something inside it is wrong: that. */
function insideOf({ errors, path }: z.core.$ZodIssueInvalidUnion): Issue[] | undefined {
  const near = errors.filter((branch) => branch.length > 0 && branch.every((inner) => inner.path.length > 0));
  if (near.length !== 1) return undefined;
  return near[0]?.map((inner) => ({ ...inner, path: [...path, ...inner.path] }));
}

/** A key that isn't there, or that nothing follows. */
function missing(issue: Issue, input: unknown): string {
  const path = toPath(issue.path);
  const key = path.at(-1) ?? 'configuration';
  const around = valueAt(input, path.slice(0, -1));
  const written = typeof around === 'object' && around !== null && Object.hasOwn(around, key);
  return `'${key}' ${written ? 'has no value' : 'is missing'}: ${expectation(issue)}`;
}

function unknownKey(key: string, known: readonly string[]): string {
  // What stands behind the colon may be a password.
  if (GLUED.test(key)) return `unknown key '${withoutValue(key)}': ${NO_BLANK}`;
  const meant = didYouMean(key, known);
  if (meant !== '' || known.length === 0) return `unknown key '${key}'${meant}`;
  return `unknown key '${key}'; known are ${known.join(', ')}`;
}

function messageOf(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${expectation(issue)}${hint(issue.expected, value)}`;
    case 'invalid_value':
      return `${expectation(issue)}${typeof value === 'string' ? didYouMean(value, issue.values.map(String)) : ''}`;
    case 'too_small':
      if (issue.origin === 'string' || issue.origin === 'array') return 'must not be empty';
      return issue.inclusive ? `must be at least ${issue.minimum}` : `must be more than ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'string') return `must have at most ${issue.maximum} characters`;
      return `must be at most ${issue.maximum}`;
    case 'custom':
      return issue.message;
    default:
      return expectation(issue);
  }
}

/** What the schema wants at the place: `expected …`. */
function expectation(issue: Issue): string {
  const wanted = new Set(wantedBy(issue));
  return `expected ${[...wanted].join(' or ')}`;
}

function wantedBy(issue: Issue): string[] {
  switch (issue.code) {
    case 'invalid_type':
      return [TYPE_NAMES[issue.expected] ?? issue.expected];
    case 'invalid_value':
      return [issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`];
    case 'invalid_format':
      return [issue.format === 'datetime' ? 'a date and time such as 2026-01-01T00:00:00Z' : issue.message];
    case 'invalid_union': {
      // A branch of the right type says best what is wrong; else any of the types would do.
      const fits = (inner: Issue) => inner.code !== 'invalid_type' || inner.expected === 'int';
      const branches = issue.errors.map((branch) => branch.filter((inner) => inner.path.length === 0));
      const near = branches.filter((branch) => branch.length > 0 && branch.every(fits));
      return (near.length > 0 ? near : branches).flatMap((branch) => branch.flatMap(wantedBy));
    }
    case 'too_small':
      return [`at least ${issue.minimum}`];
    case 'too_big':
      return [`at most ${issue.maximum}`];
    default:
      return [issue.message];
  }
}

/** A key and its value, run together. */
const GLUED = /^[\w-]+:\S/;
const NO_BLANK = 'is the blank missing behind its ":"?';

/** YAML reads `1234` and `true` as what they look like, also where text is wanted, and `key:value` as one text. */
function hint(expected: string, value: unknown): string {
  if ((expected === 'object' || expected === 'record') && typeof value === 'string' && GLUED.test(value))
    return `, not text: ${NO_BLANK}`;
  const scalar = typeof value === 'number' || typeof value === 'boolean';
  return expected === 'string' && scalar ? ': put it in quotes' : '';
}

/** A path without symbols, which YAML can't write. */
function toPath(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((part) => (typeof part === 'symbol' ? String(part) : part));
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}
