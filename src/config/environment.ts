import { COMMAND_FIELDS } from './schema/job.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Substituted {
  text: string;
  /** What is wrong, one message each. */
  problems: string[];
}

const PATTERN = /(\$?)\$\{([^}]*)(\}?)/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const COMMAND_KEYS = new Set<unknown>(COMMAND_FIELDS);

/** Whether values under this key are shell snippets, of a job or (`command`) a plotter. */
export function isCommandKey(key: unknown): boolean {
  return COMMAND_KEYS.has(key);
}

const MALFORMED = `a "\${" must be followed by a variable's name and "}"; write "$\${" for a literal "\${"`;

/** Replaces `${NAME}` by that environment variable; `$${` is a literal `${`. */
export function substitute(text: string, environment: Environment): Substituted {
  const problems: string[] = [];
  const replaced = text.replace(PATTERN, (whole: string, escaped: string, name: string, end: string) => {
    if (escaped !== '') return whole.slice(1);
    if (end === '' || !NAME.test(name)) {
      problems.push(MALFORMED);
      return whole;
    }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value === undefined) problems.push(`the environment variable ${name} is not set`);
    return value ?? whole;
  });
  return { text: replaced, problems };
}

/** Whether the text is one substitution and nothing else. */
export function isWholeSubstitution(text: string): boolean {
  return /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/.test(text);
}

/**
 * The number or boolean that a text is in YAML, `undefined` where it is neither or another number would be
 * written the same way: a key of 96 digits stays as it is.
 */
export function retype(text: string): number | boolean | undefined {
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  return String(Number(text)) === text && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

/** The value of `data_dir` that systemd's `StateDirectory=` gives: the first, where there are several. */
export function stateDirectory(environment: Environment): string | undefined {
  return environment.STATE_DIRECTORY?.split(':').find((directory) => directory !== '');
}
