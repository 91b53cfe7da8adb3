/** What every line that a regular expression matches must have, so that most lines need no regular expression. */
export interface Literals {
  /** Lines begin with this; empty where the expression doesn't say. */
  prefix: string;
  /** Whether a line may begin with the character of this code (0 to 127); `null`: with any. */
  first: ((code: number) => boolean) | null;
  /** Lines have this somewhere behind the prefix; empty where the expression doesn't say. */
  needle: string;
}

/** One element of an expression: a plain character, or anything else by its source. */
type Atom = { char: string; source: string; times: Times } | { char: null; source: string; times: Times };
/** `some`: at least once, but maybe more often. `any`: maybe not at all. */
type Times = 'once' | 'some' | 'any';

const NOTHING: Literals = { prefix: '', first: null, needle: '' };
const CONTROL: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' };
const ATOM = /\\.|\[(?:\\.|[^\]\\])*\]|./sy;
const QUANTIFIER = /(?:[*+?]|\{\d+(?:,\d*)?\})\??/y;
const OPENING = /^\((?:\?<[A-Za-z_]\w*>|\?:|(?!\?))/;

/** Finds the plain text in a regular expression; what it doesn't understand it says nothing about. */
export function literalsOf(source: string): Literals {
  const atoms = atomsOf(source);
  if (atoms === null) return NOTHING;
  const anchored = atoms[0]?.source === '^';
  let index = anchored ? 1 : 0;
  let prefix = '';
  for (
    let atom = atoms[index];
    anchored && atom?.char != null && atom.times === 'once';
    atom = atoms[++index]
  )
    prefix += atom.char;
  return {
    prefix,
    first: anchored ? firstOf(prefix, atoms[index]) : null,
    needle: longestRun(atoms.slice(index)),
  };
}

function firstOf(prefix: string, next: Atom | undefined): Literals['first'] {
  if (prefix !== '') return (code) => code === prefix.charCodeAt(0);
  if (next === undefined || next.times === 'any' || !/^(?:\[|\\[dws])/i.test(next.source)) return null;
  const matcher = new RegExp(`^${next.source}`);
  return (code) => matcher.test(String.fromCharCode(code));
}

function longestRun(atoms: readonly Atom[]): string {
  let longest = '';
  let run = '';
  for (const { char, times } of atoms) {
    run = char !== null && times === 'once' ? run + char : '';
    if (run.length > longest.length) longest = run;
  }
  return longest;
}

/** The elements one after the other, groups without alternatives opened; `null`: not understood. */
function atomsOf(source: string): Atom[] | null {
  const atoms: Atom[] = [];
  let index = 0;
  while (index < source.length) {
    const group = source[index] === '(' ? groupAt(source, index) : null;
    const text = group ?? stickyMatch(ATOM, source, index) ?? '';
    // Alternatives, and escapes with arguments, are beyond what is needed here.
    if (text === '' || text === '|' || /^\\[kpPuxc0-9]/.test(text)) return null;
    index += text.length;
    const quantifier = stickyMatch(QUANTIFIER, source, index) ?? '';
    index += quantifier.length;
    const times = timesOf(quantifier);
    const opening = OPENING.exec(text)?.[0];
    const inner = opening !== undefined && times === 'once' ? atomsOf(text.slice(opening.length, -1)) : null;
    if (inner === null) atoms.push({ char: charOf(text), source: text, times });
    else atoms.push(...inner);
  }
  return atoms;
}

function timesOf(quantifier: string): Times {
  if (quantifier === '') return 'once';
  return /^(?:[*?]|\{0)/.test(quantifier) ? 'any' : 'some';
}

function charOf(text: string): string | null {
  if (text.length === 1) return /[\^$.()]/.test(text) ? null : text;
  if (text[0] !== '\\') return null;
  const escaped = text[1] ?? '';
  return /[A-Za-z]/.test(escaped) ? (CONTROL[escaped] ?? null) : escaped;
}

/** The group that opens at `start`, up to its closing bracket. */
function groupAt(source: string, start: number): string {
  let depth = 0;
  for (let index = start; index < source.length; ) {
    const text = stickyMatch(ATOM, source, index) ?? ' ';
    index += text.length;
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (depth === 0) return source.slice(start, index);
  }
  return '';
}

function stickyMatch(pattern: RegExp, source: string, index: number): string | null {
  pattern.lastIndex = index;
  return pattern.exec(source)?.[0] ?? null;
}
