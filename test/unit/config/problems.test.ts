import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { load, loaded, problemsOf, write } from './support.ts';

const SECOND_COLON =
  'a second ": " in one line, or the next line is indented too deep: put text with ": " in quotes';

/** What it is about, a text, and its problems as `line:column path: message`. */
type Case = readonly [string, string, readonly string[]];
const CASES: readonly Case[] = [
  [
    'an unknown key',
    'jobs:\n  nightly:\n    plotter: madmax\n    max_wokers: 2\n',
    ["4:5 jobs.nightly.max_wokers: unknown key 'max_wokers'; did you mean 'max_workers'?"],
  ],
  [
    'an unknown key like no other',
    'security:\n  zzz: 2\n',
    [
      "2:3 security.zzz: unknown key 'zzz'; known are allow_replot_over_mqtt, allow_commands_over_mqtt, allowed_dirs",
    ],
  ],
  [
    'a missing key',
    'jobs:\n  nightly:\n    title: x\n',
    ["2:3 jobs.nightly.plotter: 'plotter' is missing: expected text"],
  ],
  [
    'several at once',
    'log_level: inf\njobs:\n  a:\n    plotter: madmx\n    max_workers: -1\n    plots_to_do: 1.5\n    nice: high\n',
    [
      "1:12 log_level: expected one of trace, debug, info, warn, error, fatal; did you mean 'info'?",
      "4:14 jobs.a.plotter: job 'a' asks for an unknown plotter; known are chia, madmax; did you mean 'madmax'?",
      '5:18 jobs.a.max_workers: must be at least 0',
      '6:18 jobs.a.plots_to_do: expected a whole number',
      '7:11 jobs.a.nice: expected a number',
    ],
  ],
  [
    'plotters',
    'plotters:\n  xy: { command: a }\n  mine: { title: a, command: a, arguments: {}, stages: [] }\n  Bad: {}\n',
    [
      "2:3 plotters.xy: unknown plotter 'xy'; known are chia, madmax; a plotter of your own needs title, command, arguments, stages, patterns",
      "3:3 plotters.mine.patterns: 'patterns' is missing: expected a list",
      '3:56 plotters.mine.stages: must not be empty',
      `4:3 plotters.Bad: 'Bad' can't be a name here: lower-case letters and digits, in groups joined by one "_" or "-"`,
    ],
  ],
  [
    'events and starts',
    'jobs:\n  a:\n    plotter: chia\n    events:\n      - { fire: next, on: stage_started }\n      - { fire: n, on: progress, percent: 500, delay: 5x }\n    starts: [{ on: n, workers: 0 }]\n    cpus: ["4-", 1.5]\n    replot: { before: soon }\n',
    [
      '5:9 jobs.a.events[0].stage: "on: stage_started" needs a stage',
      '6:43 jobs.a.events[1].percent: must be at most 100',
      '6:55 jobs.a.events[1].delay: expected a duration such as 30s, 5m, 2h or 1d',
      '7:32 jobs.a.starts[0].workers: must be at least 1',
      '8:12 jobs.a.cpus[0]: expected a CPU number such as 4, or a range such as "4-7"',
      '8:18 jobs.a.cpus[1]: expected a whole number',
      '9:23 jobs.a.replot.before: expected a date and time such as 2026-01-01T00:00:00Z',
    ],
  ],
  [
    'a time of replotting that is still to come',
    'jobs:\n  a:\n    plotter: chia\n    replot: { before: 2099-01-01T00:00:00Z }\n',
    [
      '4:23 jobs.a.replot.before: is in the future: only plots that are older than a time that has passed may be removed',
    ],
  ],
  [
    'the broker',
    'mqtt:\n  broker: http://x\n  base_topic: a/#\n  version: 3\n  password: 12345\n  embedded:\n    listen: 0.0.0.0:1883\n',
    [
      '2:11 mqtt.broker: expected embedded, or mqtt://, mqtts://, ws:// or wss:// and host:port',
      '3:15 mqtt.base_topic: expected a topic without the wildcards "+" and "#"',
      '4:12 mqtt.version: expected auto or 5 or 4',
      '5:13 mqtt.password: expected text: put it in quotes',
      '7:13 mqtt.embedded.listen: an address that other machines can reach requires users: set mqtt.embedded.users',
    ],
  ],
  [
    'pairs',
    'mqtt: { cert: a, password: abcdef }\n',
    [
      '1:15 mqtt.cert: "cert" needs "key" beside it',
      '1:28 mqtt.password: "password" needs "username" beside it',
    ],
  ],
  ...['1883', 'nowhere', '127.0.0.1:99999', '127.0.0.1:'].map(
    (listen): Case => [
      `"${listen}" to listen on`,
      `mqtt: { embedded: { listen: "${listen}" } }`,
      ['1:29 mqtt.embedded.listen: expected host:port, such as 127.0.0.1:1883'],
    ],
  ),
  ['no mapping', '- a', ['1:1 : expected keys and values']],
  ['a key without a value', 'jobs:\n  a:\n', ["2:3 jobs.a: 'a' has no value: expected keys and values"]],
  ['a key twice', 'mqtt: {}\nmqtt: {}', ['2:1 : this key stands here twice']],
  [
    'a number and a text of one name',
    'jobs:\n  10: { plotter: chia }\n  "10": { plotter: chia }\n',
    ["3:3 jobs.10: '10' stands here twice"],
  ],
  ['a secret as a name', 'jobs: { !secret a : {} }', ['1:1 jobs: a key here is no plain name']],
  ['a tab', '\tjobs: 1', ['1:1 : lines are indented with blanks, not with tabs']],
  ...['defaults:\n  temp_dir:tmp\n  dest_dir: farm\n', 'defaults:\n  dest_dir: farm\n  temp_dir:tmp\n'].map(
    (text, line): Case => [
      `a key without a blank behind its colon (${line + 1})`,
      text,
      [`${line + 2}:3 : a ":" and a blank behind it are missing after a key, as in "temp_dir: /mnt/ssd"`],
    ],
  ),
  [
    'a key and its value run together, alone or between braces, without telling the value',
    'mqtt: { password:hunter22 }\njobs:\n  a:\n    plotter:chia\n',
    [
      `1:9 mqtt.password:…: unknown key 'password': is the blank missing behind its ":"?`.replace(
        "'password'",
        "'password:…'",
      ),
      '4:5 jobs.a: expected keys and values, not text: is the blank missing behind its ":"?',
    ],
  ],
  ['a line too deep', 'mqtt:\n  username: a\n   password: b\n', [`2:13 : ${SECOND_COLON}`]],
  ['a second colon', 'jobs: a: b', [`1:7 : ${SECOND_COLON}`]],
  [
    'a line less deep',
    'a:\n  b: c\n d: e\n',
    ['3:1 : the keys of one map, and the items of one list, begin in one column'],
  ],
  ['a quote', 'a: "b\nc: d\n', ['3:1 : a text is opened by a quote that is not closed']],
  ['a bracket', 'a: [1, 2\nb: 3\n', ['2:1 : a bracket or a brace that is opened before is not closed here']],
  [
    'a character that text cannot begin with',
    'a: @startup\n',
    ['1:4 : text that begins with "%", "@" or "`" needs quotes'],
  ],
  [
    'two documents',
    '---\n---\njobs: {}\n',
    ['2:1 : a second document begins here: the configuration is one'],
  ],
  ['a key that is no name', '__proto__: { a: 1 }', ['1:1 : a key here is no plain name']],
];

describe('bytes', () => {
  const problemsOfBytes = async (bytes: Buffer) => {
    const file = await write('');
    await writeFile(file, bytes);
    const result = await loadConfig(file, { env: {}, builtIn: [], fixedWords: new Set() });
    return result.ok
      ? []
      : result.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  };
  const text = 'jobs:\n  ä: { plotter: chia, title: München }\n';
  const utf16 = '1:1 the file is UTF-16 (some editors call it "Unicode"): save it as UTF-8';
  const latin1 = 'this character is no UTF-8 (it may be Latin-1): save the file as UTF-8';

  it.each([
    ['UTF-16 with a mark', Buffer.from(`\uFEFF${text}`, 'utf16le'), utf16],
    ['UTF-16 without one', Buffer.from(text, 'utf16le'), utf16],
    ['UTF-16 the other way round', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(), utf16],
    ['Latin-1', Buffer.from('jobs:\n  a: { plotter: chia, title: München }\n', 'latin1'), `2:31 ${latin1}`],
    [
      'Latin-1 behind UTF-8',
      Buffer.concat([
        Buffer.from('# ä\njobs:\n  a: { plotter: chia, title: "ä'),
        Buffer.from('ü"}\n', 'latin1'),
      ]),
      `3:32 ${latin1}`,
    ],
    ['a torn end', Buffer.from('data_dir: ä').subarray(0, -1), `1:11 ${latin1}`],
    ['zeros', Buffer.from('data_dir: a\n\0\0\0\0'), '2:1 a zero byte stands here: the file is damaged'],
  ])('that are %s are refused in words, with their place', async (_, bytes, problem) => {
    expect(await problemsOfBytes(bytes)).toEqual([problem]);
  });

  it('of secrets.yaml are looked at, too', async () => {
    const file = await write('mqtt: { username: a, password: !secret pw }', { secrets: '' });
    await writeFile(join(dirname(file), 'secrets.yaml'), Buffer.from('pw: é', 'latin1'));
    const result = await loadConfig(file, { env: {}, builtIn: [], fixedWords: new Set() });
    const messages = result.ok ? [] : result.problems.map(({ message }) => message);
    expect(messages).toContain(latin1);
  });
});

describe('warnings', () => {
  const warningsOf = async (text: string) =>
    (await loaded(text, { secrets: 'none: ""' })).warnings.map(
      ({ line, column, message }) => `${line}:${column} ${message}`,
    );
  const empty = 'the password is empty; one that begins with "#" needs quotes';
  const cut = 'nothing stands here but a comment: put text that begins with "#" in quotes';

  it.each([
    ['mqtt:\n  username: a\n  password: #foo\n', [`3:3 ${cut}`]],
    ['mqtt:\n  username: a\n  password:\n', [`3:3 ${empty}`]],
    ['mqtt:\n  username: a\n  password: ""\n', [`3:3 ${empty}`]],
    ['mqtt:\n  username: a\n  password: !secret none\n', [`3:3 ${empty}`]],
    ['jobs:\n  a:\n    plotter: chia\n    title:  #1 farm\n', [`4:5 ${cut}`]],
    ['jobs:\n  #nightly: { plotter: chia }\nplotters: # none\n', []],
    ['mqtt:\n  username: a\n  password: "#foo"\n', []],
  ])('of %j', async (text, warnings) => {
    expect(await warningsOf(text)).toEqual(warnings);
  });
});

describe('problems have their place and say what would be right', () => {
  it.each(CASES)('%s', async (_, text, expected) => {
    expect(await problemsOf(text)).toEqual(expected);
  });

  it.each(['', 'a//', '/a', 'a/', '$SYS', 'a+b', 'a#', 'a\u0000b'])(
    'refuses the base topic %j',
    async (topic) => {
      const result = await load(`mqtt: { base_topic: ${JSON.stringify(topic)} }`);
      expect(result.ok).toBe(false);
    },
  );

  it('bounds what aliases may grow to', async () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 10; level++)
      bomb.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    expect((await problemsOf(bomb.join('\n'))).join()).toContain('too many aliases');
    expect((await problemsOf('jobs: &a [*a]')).join()).toContain('nested too deeply');
    expect((await problemsOf('['.repeat(20_000))).join()).toContain('nested too deeply');
  });
});
