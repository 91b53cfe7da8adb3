import { describe, expect, it } from 'vitest';
import { helpText, parseCommandLine } from '../../../src/cli/arguments.ts';
import { HELP_TOPICS } from '../../../src/cli/help.ts';

const DEFAULT = './config.yaml';
/** Nothing is set, and no configuration is anywhere. */
const NOTHING = { env: { HOME: '/home/me' }, exists: () => false };

describe('the command line', () => {
  it.each([
    [[], { command: 'run', config: DEFAULT }],
    [['run'], { command: 'run', config: DEFAULT }],
    [['--config', 'a.yaml'], { command: 'run', config: 'a.yaml' }],
    [['run', '--config=a.yaml'], { command: 'run', config: 'a.yaml' }],
    [['-c', 'a.yaml', 'check'], { command: 'check', config: 'a.yaml', replot: false }],
    [['check'], { command: 'check', config: DEFAULT, replot: false }],
    [['check', '--replot'], { command: 'check', config: DEFAULT, replot: true }],
    [['init', '--config', 'x'], { command: 'init', config: 'x' }],
    [['health'], { command: 'health', config: DEFAULT, mqtt: false }],
    [['health', '--mqtt'], { command: 'health', config: DEFAULT, mqtt: true }],
    [['why'], { command: 'why', config: DEFAULT, job: null }],
    [['why', 'nightly', '-c', 'x'], { command: 'why', config: 'x', job: 'nightly' }],
    [['schema'], { command: 'schema' }],
    [['service', 'print'], { command: 'service print', config: DEFAULT }],
    [['--version'], { command: 'version' }],
    [['--help'], { command: 'help' }],
    [['check', '--help'], { command: 'help', about: 'check' }],
    [['-h', 'service', 'print'], { command: 'help', about: 'service' }],
  ])('%j', (words, expected) => {
    expect(parseCommandLine(words, NOTHING)).toEqual(expected);
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
    expect(parseCommandLine(['simulate', ...rest], NOTHING)).toEqual({ command: 'simulate', rest });
  });

  it('takes the configuration from the environment where the line names none', () => {
    const outside = { ...NOTHING, env: { PLOT2MQTT_CONFIG: '/etc/plot2mqtt.yaml' } };
    expect(parseCommandLine([], outside)).toEqual({ command: 'run', config: '/etc/plot2mqtt.yaml' });
    expect(parseCommandLine(['-c', 'x'], outside)).toEqual({ command: 'run', config: 'x' });
    const empty = { ...NOTHING, env: { PLOT2MQTT_CONFIG: '' } };
    expect(parseCommandLine([], empty)).toEqual({ command: 'run', config: DEFAULT });
  });

  it('takes the first configuration that is there; `init` writes one here', () => {
    const places = [DEFAULT, '/home/me/.config/plot2mqtt/config.yaml', '/etc/plot2mqtt/config.yaml'];
    places.forEach((config, index) => {
      const outside = { ...NOTHING, exists: (file: string) => places.indexOf(file) >= index };
      for (const command of ['run', 'check'] as const)
        expect(parseCommandLine([command], outside)).toMatchObject({ command, config });
      expect(parseCommandLine(['service', 'print'], outside)).toEqual({ command: 'service print', config });
      expect(parseCommandLine(['health'], outside)).toMatchObject({ config });
      expect(parseCommandLine(['init'], outside)).toMatchObject({ config: DEFAULT });
    });
  });

  it.each([
    [['chek'], "unknown command 'chek'; did you mean 'check'?"],
    [['chek', '--help'], "unknown command 'chek'; did you mean 'check'?"],
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['check', 'more'], `'more' is one word too many after "check"`],
    [['service'], 'the command is "plot2mqtt service print"'],
    [['service', 'install'], 'the command is "plot2mqtt service print"'],
    [['--speed', '3'], "Unknown option '--speed'"],
    [['run', '--replot'], '"--replot" belongs to "plot2mqtt check"'],
    [['--config'], "Option '-c, --config <value>' argument missing"],
    [['--config='], '--config needs the name of a file'],
    [['check', '--mqtt'], '"--mqtt" belongs to "plot2mqtt health"'],
    [['-c', 'x', 'simulate'], '"simulate" comes first, its options after it'],
  ])('%j is a mistake', (words, message) => {
    expect(parseCommandLine(words, NOTHING)).toEqual({
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
    expect(parseCommandLine([about, '--help'], NOTHING)).toEqual({ command: 'help', about });
    expect(text.includes('--config FILE')).toBe(about !== 'schema');
  });
});
