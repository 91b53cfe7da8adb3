import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { didYouMean } from '../config/suggestions.ts';
import { HISTORY_LIMIT } from '../contract/history.ts';
import { messageOf } from '../util/errors.ts';
import { type HelpTopic, helpTopic } from './help.ts';
import type { HistoryTask } from './history.ts';
import { sinceOf } from './since.ts';
import { isTellName, TELL_NAMES, type TellName, wordsProblem } from './tell-words.ts';

/** Commands that take a configuration and nothing else. */
const CONFIG_COMMANDS = ['run', 'init'] as const;
type ConfigCommand = (typeof CONFIG_COMMANDS)[number];

/** Commands that may be about one job. */
const OF_A_JOB: ReadonlySet<string> = new Set(['why', 'status', 'history']);

const COMMANDS = [
  ...CONFIG_COMMANDS,
  ...['check', 'health', 'history', 'schema', 'service', 'simulate', 'status', 'why'],
  ...TELL_NAMES,
];

/** What the command line asks for (contract, section 1). */
export type CommandLine =
  | { command: ConfigCommand; config: string }
  /** `replot`: each plot that would be removed now is listed too. */
  | { command: 'check'; config: string; replot: boolean }
  /** By its socket, or (`mqtt`) over its broker. */
  | { command: 'health'; config: string; mqtt: boolean }
  | ({ command: 'history' } & HistoryTask)
  /** Of one job, or of all; `json`: as one object. */
  | { command: 'status'; config: string; job: string | null; json: boolean }
  /** Of one job, or of all. */
  | { command: 'why'; config: string; job: string | null }
  /** A command that is sent to the daemon; its words are as they must be. */
  | { command: 'tell'; config: string; name: TellName; words: readonly string[] }
  | { command: 'service print'; config: string }
  /** What follows belongs to the simulated plotter and is as it was typed. */
  | { command: 'simulate'; rest: readonly string[] }
  /** What the daemon starts for each plot that it moves; in no help. */
  | { command: 'move-file'; rest: readonly string[] }
  | { command: 'schema' }
  /** A few words of text, for which nothing else is loaded. */
  | { command: 'version' }
  /** Of one command, or of all. */
  | { command: 'help'; about?: HelpTopic }
  /** For standard error, exit code 2. */
  | { command: 'usage_error'; message: string };

interface Option {
  type: 'string' | 'boolean';
  short?: string;
}

/** What is outside the command line: its environment, which files are there, and the time. */
export interface Outside {
  env: Readonly<Record<string, string | undefined>>;
  exists?: (file: string) => boolean;
  /** Milliseconds since 1970. */
  now?: () => number;
}

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  mqtt: { type: 'boolean' },
  replot: { type: 'boolean' },
  since: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
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
  ['since', 'history'],
  ['limit', 'history'],
  ['json', 'history', 'status'],
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
  if (stray) return usageError(`"--${stray[0]}" belongs to "plot2mqtt ${stray.slice(1).join('" and "')}"`);
  if (name === 'service') {
    if (more.length === 1 && more[0] === 'print') return { command: 'service print', config: config() };
    return usageError('the command is "plot2mqtt service print"');
  }
  if (name === 'simulate') return usageError('"simulate" comes first, its options after it');
  if (isTellName(name)) {
    const problem = wordsProblem(name, more);
    return problem === null ? { command: 'tell', config: config(), name, words: more } : usageError(problem);
  }
  const beyond = more[OF_A_JOB.has(name) ? 1 : 0];
  if (beyond !== undefined) return usageError(`'${beyond}' is one word too many after "${name}"`);
  const job = more[0] ?? null;
  const { json = false, mqtt = false, replot = false } = values;
  switch (name) {
    case 'why':
      return { command: name, config: config(), job };
    case 'status':
      return { command: name, config: config(), job, json };
    case 'history':
      return toHistory(config(), job, values, outside);
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

function toHistory(
  config: string,
  job: string | null,
  { since, limit, json = false }: Values,
  { now = Date.now }: Outside,
): CommandLine {
  const from = since === undefined ? null : sinceOf(since, now());
  if (since !== undefined && from === null)
    return usageError(
      `'${since}' is no time: a day such as 2026-11-26, a time, or how long ago, such as 24h`,
    );
  const most = limit === undefined ? null : Number(limit);
  if (most !== null && !(Number.isInteger(most) && most >= 1 && most <= HISTORY_LIMIT))
    return usageError(`'${limit}' is not a whole number from 1 to ${HISTORY_LIMIT}`);
  return { command: 'history', config, job, since: from, limit: most, json };
}

function unknownCommand(name: string): CommandLine {
  return usageError(`unknown command '${name}'${didYouMean(name, COMMANDS)}`);
}

const HERE = './config.yaml';

/** Where the configuration is, when the command line doesn't say it; `init` writes one here. */
function defaultConfig(command: string, { env, exists = existsSync }: Outside): string {
  if (env.PLOT2MQTT_CONFIG) return env.PLOT2MQTT_CONFIG;
  if (command === 'init') return HERE;
  const places = [
    HERE,
    join(env.HOME || homedir(), '.config/plot2mqtt/config.yaml'),
    '/etc/plot2mqtt/config.yaml',
  ];
  return places.find((file) => exists(file)) ?? HERE;
}

function usageError(message: string): CommandLine {
  return { command: 'usage_error', message: `${message}\nTry "plot2mqtt --help".` };
}

/** Node's messages go on with advice for other programs. */
function firstSentence(message: string): string {
  return message.split(/\.\s|\n/)[0] ?? message;
}
