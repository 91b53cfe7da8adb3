import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { didYouMean } from '../config/suggestions.ts';
import { messageOf } from '../util/errors.ts';
import { COMMAND_HELP, type HelpTopic, helpTopic } from './help.ts';

/** Commands that take a configuration and nothing else. */
const CONFIG_COMMANDS = ['run', 'init'] as const;
type ConfigCommand = (typeof CONFIG_COMMANDS)[number];

const COMMANDS = [...CONFIG_COMMANDS, 'check', 'health', 'schema', 'service', 'simulate', 'why'] as const;

/** What the command line asks for (contract, section 1). */
export type CommandLine =
  | { command: ConfigCommand; config: string }
  /** `replot`: each plot that would be removed now is listed too. */
  | { command: 'check'; config: string; replot: boolean }
  /** By its socket, or (`mqtt`) over its broker. */
  | { command: 'health'; config: string; mqtt: boolean }
  /** Of one job, or of all. */
  | { command: 'why'; config: string; job: string | null }
  | { command: 'service print'; config: string }
  /** What follows belongs to the simulated plotter and is as it was typed. */
  | { command: 'simulate'; rest: readonly string[] }
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

/** What is outside the command line: its environment, and which files are there. */
export interface Outside {
  env: Readonly<Record<string, string | undefined>>;
  exists?: (file: string) => boolean;
}

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  mqtt: { type: 'boolean' },
  replot: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const satisfies Record<string, Option>;

const USAGE = `plot2mqtt: a plotting manager for Chia farmers, driven over MQTT

  plot2mqtt [run] [--config FILE]        run in the foreground until SIGINT or SIGTERM
  plot2mqtt check [--config FILE] [--replot]
                                         validate the configuration, show each job's command line;
                                         --replot: list each plot that replotting would remove now
  plot2mqtt schema                       print the JSON Schema of config.yaml
  plot2mqtt init [--config FILE]         write a commented config.yaml for this machine
  plot2mqtt service print [--config FILE]
                                         print the systemd unit for this machine and account
  plot2mqtt simulate PLOTTER [--speed N] [--fail-at STAGE] [ARGUMENTS…]
                                         behave as that plotter (chia, madmax), N times as fast
  plot2mqtt health [--config FILE] [--mqtt]
                                         ask the running daemon, by its socket or over its broker
  plot2mqtt why [JOB] [--config FILE]    what keeps a job's next worker from starting; of all jobs
                                         what they wait for
  plot2mqtt --version | --help
  plot2mqtt COMMAND --help               what that command takes

  -c, --config FILE   default: $PLOT2MQTT_CONFIG, else the first that is there of ./config.yaml,
                      ~/.config/plot2mqtt/config.yaml, /etc/plot2mqtt/config.yaml

Exit code: 0 all is well, 1 failure, 2 invalid configuration or usage, 3 another daemon has the
base topic.
`;

/** What `plot2mqtt --help` prints, or that of one command. */
export function helpText(about?: HelpTopic): string {
  return about === undefined ? USAGE : `${COMMAND_HELP[about]}`;
}

/**
 * Reads the words behind `plot2mqtt`. Never throws: a mistake is a `usage_error`.
 */
export function parseCommandLine(words: readonly string[], outside: Outside): CommandLine {
  // The simulator has options of its own, among them ones that look like ours.
  if (words[0] === 'simulate') return { command: 'simulate', rest: words.slice(1) };
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

function toCommand(
  positionals: readonly string[],
  values: { config?: string | undefined; mqtt?: boolean | undefined; replot?: boolean | undefined },
  outside: Outside,
): CommandLine {
  const [name = 'run', ...more] = positionals;
  const config = () => values.config ?? defaultConfig(name, outside);
  if (values.mqtt && name !== 'health') return usageError('"--mqtt" belongs to "plot2mqtt health"');
  if (values.replot && name !== 'check') return usageError('"--replot" belongs to "plot2mqtt check"');
  if (name === 'service') {
    if (more.length === 1 && more[0] === 'print') return { command: 'service print', config: config() };
    return usageError('the command is "plot2mqtt service print"');
  }
  if (name === 'simulate') return usageError('"simulate" comes first, its options after it');
  if (name === 'why' && more.length < 2) return { command: 'why', config: config(), job: more[0] ?? null };
  if (more.length > 0) return usageError(`'${more[0]}' is one word too many after "${name}"`);
  if (name === 'schema') return { command: 'schema' };
  if (name === 'health') return { command: 'health', config: config(), mqtt: values.mqtt === true };
  if (name === 'check') return { command: 'check', config: config(), replot: values.replot === true };
  const command = CONFIG_COMMANDS.find((known) => known === name);
  return command === undefined ? unknownCommand(name) : { command, config: config() };
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
