import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/arguments.ts';
import { HELP_TOPICS } from '../../../src/cli/help.ts';
import { helpText } from '../../../src/cli/usage.ts';

const DEFAULT = './config.yaml';
/** Nothing is set, and no configuration is anywhere. */
const NOTHING = {
  env: { HOME: '/home/me' },
  exists: () => false,
  now: () => Date.UTC(2026, 10, 26, 12),
};

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
    [['homeassistant', '/config'], { command: 'homeassistant', directory: '/config' }],
    [['status'], { command: 'status', config: DEFAULT, job: null, json: false, watch: false }],
    [['status', 'a', '--json'], { command: 'status', config: DEFAULT, job: 'a', json: true, watch: false }],
    [['status', '--watch'], { command: 'status', config: DEFAULT, job: null, json: false, watch: true }],
    [['events'], { command: 'events', config: DEFAULT, job: null, since: null, json: false }],
    [
      ['events', 'a', '--since', '1d', '--json'],
      { command: 'events', config: DEFAULT, job: 'a', since: '2026-11-25T12:00:00.000Z', json: true },
    ],
    [['pause'], { command: 'tell', config: DEFAULT, name: 'pause', words: [] }],
    [['resume'], { command: 'tell', config: DEFAULT, name: 'resume', words: [] }],
    [
      ['set', 'farm', 'max_workers', '3'],
      { command: 'tell', config: DEFAULT, name: 'set', words: ['farm', 'max_workers', '3'] },
    ],
    [['hold', 'price'], { command: 'tell', config: DEFAULT, name: 'hold', words: ['price'] }],
    [
      ['hold', 'price', 'cpu', '--kind', 'no_starts', '--for', '2h', '--reason', '31 ct/kWh'],
      {
        ...{ command: 'tell', config: DEFAULT, name: 'hold', words: ['price', 'cpu'] },
        details: { kind: 'no_starts', for: '2h', reason: '31 ct/kWh' },
      },
    ],
    [['release', 'price'], { command: 'tell', config: DEFAULT, name: 'release', words: ['price'] }],
    [
      ['drain', '--for', '3600'],
      { command: 'tell', config: DEFAULT, name: 'drain', words: [], details: { for: '3600' } },
    ],
    [['stop'], { command: 'stop', config: DEFAULT, yes: false }],
    [['stop', '--yes'], { command: 'stop', config: DEFAULT, yes: true }],
    [['history'], { command: 'history', config: DEFAULT, job: null, since: null, limit: null, json: false }],
    [
      ['history', 'nightly', '--since', '24h', '--limit', '1000', '--json', '-c', 'x'],
      {
        ...{ command: 'history', config: 'x', job: 'nightly', limit: 1000, json: true },
        since: '2026-11-25T12:00:00.000Z',
      },
    ],
    [['start', 'nightly'], { command: 'tell', config: DEFAULT, name: 'start', words: ['nightly'] }],
    [
      ['start', 'nightly', '2', '-c', 'x'],
      { command: 'tell', config: 'x', name: 'start', words: ['nightly', '2'] },
    ],
    [
      ['set', 'nightly', 'paused', 'ON'],
      { command: 'tell', config: DEFAULT, name: 'set', words: ['nightly', 'paused', 'ON'] },
    ],
    [['reload'], { command: 'tell', config: DEFAULT, name: 'reload', words: [] }],
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
    [['homeassistant'], 'the command is "plot2mqtt homeassistant DIR"'],
    [['homeassistant', '/config', 'more'], 'the command is "plot2mqtt homeassistant DIR"'],
    [['service'], 'the command is "plot2mqtt service print"'],
    [['service', 'install'], 'the command is "plot2mqtt service print"'],
    [['--speed', '3'], "Unknown option '--speed'"],
    [['run', '--replot'], '"--replot" belongs to "plot2mqtt check"'],
    [['--config'], "Option '-c, --config <value>' argument missing"],
    [['--config='], '--config needs the name of a file'],
    [['history', 'a', 'b'], `'b' is one word too many after "history"`],
    [
      ['history', '--since', 'yesterday'],
      "'yesterday' is no time: a day such as 2026-11-26, a time, or how long ago, such as 24h",
    ],
    [['history', '--limit', '0'], "'0' is not a whole number from 1 to 1000"],
    [['history', '--limit', '1001'], "'1001' is not a whole number from 1 to 1000"],
    [['why', '--json'], '"--json" belongs to "plot2mqtt history", "status" and "events"'],
    [['status', '--watch', '--json'], '"--watch" shows a screen, "--json" prints an object: one of them'],
    [['hold'], 'the command is "plot2mqtt hold NAME [JOB]"'],
    [['hold', 'a/b'], "'a/b' is not a name"],
    [['hold', 'a', '--kind', 'stop'], "'stop' is no kind of hold: pause or no_starts"],
    [
      ['drain', '--for', 'ever'],
      "'ever' is no duration: 30s, 5m, 2h, 1d or a number of seconds, of at most ten years",
    ],
    [
      ['hold', 'a', '--for', '0'],
      "'0' is no duration: 30s, 5m, 2h, 1d or a number of seconds, of at most ten years",
    ],
    [['hold', 'a', '--reason', 'x'.repeat(201)], 'the reason has more than 200 characters'],
    [['release', 'a', '--for', '1h'], '"--for" belongs to "plot2mqtt hold" and "drain"'],
    [['drain', 'nightly'], `'nightly' is one word too many after "drain"`],
    [['stop', 'nightly'], `'nightly' is one word too many after "stop"`],
    [['start', 'a', '--yes'], '"--yes" belongs to "plot2mqtt stop"'],
    [['check', '--mqtt'], '"--mqtt" belongs to "plot2mqtt health"'],
    [['start'], 'the command is "plot2mqtt start JOB [N]"'],
    [['start', 'nightly', 'two'], "'two' is not a whole number from 1 on"],
    [['start', 'nightly', '0'], "'0' is not a whole number from 1 on"],
    [['dismiss', 'nightly/worker/1'], "'nightly/worker/1' is not the id of a job"],
    [['dismiss', 'nightly', '1', '2'], `'2' is one word too many after "dismiss"`],
    [['set', 'nightly', 'max_workers'], 'the command is "plot2mqtt set JOB KEY VALUE"'],
    [['fire', 'a/b'], "'a/b' is not a name"],
    [['reload', 'now'], `'now' is one word too many after "reload"`],
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
    // Neither of them reads a configuration.
    expect(text.includes('--config FILE')).toBe(!['schema', 'homeassistant'].includes(about));
  });
});
