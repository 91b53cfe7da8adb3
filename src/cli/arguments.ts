import { parseArgs } from 'node:util';
import { didYouMean } from '../config/suggestions.ts';
import { HISTORY_LIMIT } from '../contract/history.ts';
import { messageOf } from '../util/errors.ts';
import { type CommandLine, CONFIG_COMMANDS } from './command-line.ts';
import { defaultConfig, type Outside } from './default-config.ts';
import { helpTopic } from './help.ts';
import { type HoldDetails, holdProblem } from './tell/hold-details.ts';
import { sinceOf } from './past/since.ts';
import { isTellName, TELL_NAMES, wordsProblem } from './tell/tell-words.ts';

/** Commands that may be about one job. */
const OF_A_JOB: ReadonlySet<string> = new Set(['why', 'status', 'history', 'events']);

const COMMANDS = [
  ...CONFIG_COMMANDS,
  ...[
    'check',
    'events',
    'health',
    'history',
    'homeassistant',
    'schema',
    'service',
    'simulate',
    'status',
    'stop',
    'why',
  ],
  ...TELL_NAMES,
];

interface Option {
  type: 'string' | 'boolean';
  short?: string;
}

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  mqtt: { type: 'boolean' },
  replot: { type: 'boolean' },
  watch: { type: 'boolean' },
  since: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
  kind: { type: 'string' },
  for: { type: 'string' },
  reason: { type: 'string' },
  yes: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const satisfies Record<string, Option>;

/** What is written behind options; those that aren't there are left out. */
type Values = {
  [Name in keyof typeof OPTIONS]?:
    | ((typeof OPTIONS)[Name]['type'] extends 'string' ? string : boolean)
    | undefined;
};

/** Options of one command alone. */
const OWN_OPTIONS = [
  ['mqtt', 'health'],
  ['replot', 'check'],
  ['watch', 'status'],
  ['since', 'history', 'events'],
  ['limit', 'history'],
  ['json', 'history', 'status', 'events'],
  ['kind', 'hold'],
  ['for', 'hold', 'drain'],
  ['reason', 'hold'],
  ['yes', 'stop'],
] as const;

/**
 * Reads the words behind `plot2mqtt`. Never throws: a mistake is a `usage_error`.
 */
export function parseCommandLine(words: readonly string[], outside: Outside): CommandLine {
  // The simulator has options of its own, among them ones that look like ours.
  if (words[0] === 'simulate') return { command: 'simulate', rest: words.slice(1) };
  // Its words are names of files, whatever they begin with.
  if (words[0] === 'move-file') return { command: 'move-file', rest: words.slice(1) };
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: OPTIONS,
      allowPositionals: true,
      strict: true,
    });
    if (values.help) return toHelp(positionals[0]);
    if (values.version) return { command: 'version' };
    if (values.config === '') return usageError('--config needs the name of a file');
    return toCommand(positionals, values, outside);
  } catch (error) {
    return usageError(firstSentence(messageOf(error)));
  }
}

function toHelp(word: string | undefined): CommandLine {
  if (word === undefined) return { command: 'help' };
  const about = helpTopic(word);
  return about ? { command: 'help', about } : unknownCommand(word);
}

function toCommand(positionals: readonly string[], values: Values, outside: Outside): CommandLine {
  const [name = 'run', ...more] = positionals;
  const config = () => values.config ?? defaultConfig(name, outside);
  const stray = OWN_OPTIONS.find(
    ([option, ...owners]) => values[option] !== undefined && !owners.some((owner) => owner === name),
  );
  if (stray) return usageError(`"--${stray[0]}" belongs to "plot2mqtt ${listed(stray.slice(1))}"`);
  if (name === 'service') {
    if (more.length === 1 && more[0] === 'print') return { command: 'service print', config: config() };
    return usageError('the command is "plot2mqtt service print"');
  }
  if (name === 'homeassistant') {
    const [directory] = more;
    if (directory === undefined || directory === '' || more.length > 1)
      return usageError('the command is "plot2mqtt homeassistant DIR"');
    return { command: name, directory };
  }
  if (name === 'simulate') return usageError('"simulate" comes first, its options after it');
  if (isTellName(name)) {
    const details = holdDetails(values);
    const problem = wordsProblem(name, more) ?? holdProblem(details);
    if (problem !== null) return usageError(problem);
    const said = Object.keys(details).length === 0 ? {} : { details };
    return { command: 'tell', config: config(), name, words: more, ...said };
  }
  const beyond = more[OF_A_JOB.has(name) ? 1 : 0];
  if (beyond !== undefined) return usageError(`'${beyond}' is one word too many after "${name}"`);
  const job = more[0] ?? null;
  const { json = false, mqtt = false, replot = false, watch = false, yes = false } = values;
  switch (name) {
    case 'why':
      return { command: name, config: config(), job };
    case 'stop':
      return { command: name, config: config(), yes };
    case 'status':
      if (watch && json)
        return usageError('"--watch" shows a screen, "--json" prints an object: one of them');
      return { command: name, config: config(), job, json, watch };
    case 'history':
      return toHistory(config(), job, values, outside);
    case 'events': {
      const since = readSince(values.since, outside);
      if (since !== null && !since.ok) return usageError(since.message);
      return { command: name, config: config(), job, since: since?.at ?? null, json };
    }
    case 'schema':
      return { command: name };
    case 'health':
      return { command: name, config: config(), mqtt };
    case 'check':
      return { command: name, config: config(), replot };
    default: {
      const command = CONFIG_COMMANDS.find((known) => known === name);
      return command === undefined ? unknownCommand(name) : { command, config: config() };
    }
  }
}

/** `a", "b" and "c`: for between quotes. */
function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join('", "'), ...names.slice(-1)].filter((each) => each !== '').join('" and "');
}

function holdDetails({ kind, for: time, reason }: Values): HoldDetails {
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(time === undefined ? {} : { for: time }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function toHistory(
  config: string,
  job: string | null,
  { since, limit, json = false }: Values,
  outside: Outside,
): CommandLine {
  const from = readSince(since, outside);
  if (from !== null && !from.ok) return usageError(from.message);
  const most = limit === undefined ? null : Number(limit);
  if (most !== null && !(Number.isInteger(most) && most >= 1 && most <= HISTORY_LIMIT))
    return usageError(`'${limit}' is not a whole number from 1 to ${HISTORY_LIMIT}`);
  return { command: 'history', config, job, since: from?.at ?? null, limit: most, json };
}

type Since = { ok: true; at: string } | { ok: false; message: string };

/** What `--since` says; `null` where it isn't there. */
function readSince(text: string | undefined, { now = Date.now }: Outside): Since | null {
  if (text === undefined) return null;
  const at = sinceOf(text, now());
  if (at !== null) return { ok: true, at };
  const wanted = 'a day such as 2026-11-26, a time, or how long ago, such as 24h';
  return { ok: false, message: `'${text}' is no time: ${wanted}` };
}

function unknownCommand(name: string): CommandLine {
  return usageError(`unknown command '${name}'${didYouMean(name, COMMANDS)}`);
}

function usageError(message: string): CommandLine {
  return { command: 'usage_error', message: `${message}\nTry "plot2mqtt --help".` };
}

/** Node's messages go on with advice for other programs. */
function firstSentence(message: string): string {
  return message.split(/\.\s|\n/)[0] ?? message;
}
