import { describe, expect, it } from 'vitest';
import { helpText, parseCommandLine } from '../../../src/cli/arguments.ts';
import { HELP_TOPICS } from '../../../src/cli/help.ts';

const DEFAULT = './config.yaml';

describe('the command line', () => {
  it.each([
    [[], { command: 'run', config: DEFAULT }],
    [['run'], { command: 'run', config: DEFAULT }],
    [['--config', 'a.yaml'], { command: 'run', config: 'a.yaml' }],
    [['run', '--config=a.yaml'], { command: 'run', config: 'a.yaml' }],
    [['-c', 'a.yaml', 'check'], { command: 'check', config: 'a.yaml' }],
    [['check'], { command: 'check', config: DEFAULT }],
    [['init', '--config', 'x'], { command: 'init', config: 'x' }],
    [['health'], { command: 'health', config: DEFAULT }],
    [['schema'], { command: 'schema' }],
    [['service', 'print'], { command: 'service print', config: DEFAULT }],
    [['--version'], { command: 'version' }],
    [['--help'], { command: 'help' }],
    [['check', '--help'], { command: 'help', about: 'check' }],
    [['-h', 'service', 'print'], { command: 'help', about: 'service' }],
  ])('%j', (words, expected) => {
    expect(parseCommandLine(words, {})).toEqual(expected);
  });

  it('hands everything behind "simulate" on as it was typed', () => {
    const rest = [
      'madmax',
      '--speed',
      '200',
      'plots',
      'create',
      '-k',
      '32',
      '--help',
      '--config',
      '--',
      '-x',
    ];
    expect(parseCommandLine(['simulate', ...rest], {})).toEqual({ command: 'simulate', rest });
  });

  it('takes the configuration from the environment where the line names none', () => {
    const env = { PLOT2MQTT_CONFIG: '/etc/plot2mqtt.yaml' };
    expect(parseCommandLine([], env)).toEqual({ command: 'run', config: '/etc/plot2mqtt.yaml' });
    expect(parseCommandLine(['-c', 'x'], env)).toEqual({ command: 'run', config: 'x' });
    expect(parseCommandLine([], { PLOT2MQTT_CONFIG: '' })).toEqual({ command: 'run', config: DEFAULT });
  });

  it.each([
    [['chek'], "unknown command 'chek'; did you mean 'check'?"],
    [['chek', '--help'], "unknown command 'chek'; did you mean 'check'?"],
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['check', 'more'], `'more' is one word too many after "check"`],
    [['service'], 'the command is "plot2mqtt service print"'],
    [['service', 'install'], 'the command is "plot2mqtt service print"'],
    [['--speed', '3'], "Unknown option '--speed'"],
    [['--config'], "Option '-c, --config <value>' argument missing"],
    [['--config='], '--config needs the name of a file'],
    [['-c', 'x', 'simulate'], '"simulate" comes first, its options after it'],
  ])('%j is a mistake', (words, message) => {
    expect(parseCommandLine(words, {})).toEqual({
      command: 'usage_error',
      message: `${message}\nTry "plot2mqtt --help".`,
    });
  });

  it('explains every command, the default of --config and the exit codes', () => {
    const words = ['run', 'check', 'schema', 'init', 'service print', 'simulate', 'health', '--version'];
    for (const word of [...words, '$PLOT2MQTT_CONFIG', '0 all is well, 1 failure, 2 invalid'])
      expect(helpText()).toContain(word);
    for (const about of [undefined, ...HELP_TOPICS])
      for (const line of helpText(about).split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it.each(HELP_TOPICS)('explains what "%s" takes, all of it', (about) => {
    const text = helpText(about);
    expect(text).toMatch(new RegExp(`^plot2mqtt \\[?${about}`));
    expect(text).toContain('Exit code: 0');
    expect(parseCommandLine([about, '--help'], {})).toEqual({ command: 'help', about });
    expect(text.includes('--config FILE')).toBe(about !== 'schema');
  });
});
