import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { substitute } from '../../../src/config/environment.ts';
import { createMask } from '../../../src/config/mask.ts';
import { load, loaded, problemsOf } from './support.ts';

describe('environment variables', () => {
  it('replaces them in text, but not inside commands', async () => {
    const text = `data_dir: /x/\${A}/$\${B}\njobs:\n  a: { plotter: chia, command: "echo \${A} $$", title: "\${A}!" }\n`;
    const { config } = await loaded(text, { env: { A: 'é "#' } });
    expect(config.data_dir).toBe(`/x/é "#/\${B}`);
    expect(config.jobs.a).toMatchObject({ command: `echo \${A} $$`, title: 'é "#!' });
  });

  it('reads numbers and booleans where they are wanted, and only there', async () => {
    const text =
      `mqtt:\n  username: \${N}\n  version: \${N}\n  progress_interval: \${N}\njobs:\n  a:\n    plotter: chia\n` +
      `    title: \${N}\n    nice: \${N}\n    enabled: \${B}\n    arguments:\n      k: \${N}\n      pool_key: \${HEX}\n`;
    const env = { N: '5', B: 'false', HEX: '0123456789'.repeat(9) };
    const { config } = await loaded(text, { env });
    expect(config.mqtt).toMatchObject({ username: '5', version: 5, progress_interval: 5 });
    expect(config.jobs.a).toMatchObject({
      title: '5',
      nice: 5,
      enabled: false,
      arguments: { k: 5, pool_key: env.HEX },
    });
  });

  it('says which is not set, and where', async () => {
    expect(
      await problemsOf(
        `data_dir: \${NOPE}\nlog_level: \${X:-y}\njobs: { a: { plotter: chia, nice: "\${N}" } }`,
        { env: { N: '3' } },
      ),
    ).toEqual([
      '1:11 data_dir: the environment variable NOPE is not set',
      `2:12 log_level: a "\${" must be followed by a variable's name and "}"; write "$\${" for a literal "\${"`,
      '3:35 jobs.a.nice: expected a number',
    ]);
  });

  it(`leaves a text without "\${" as it is`, () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes(`\${`));
        expect(substitute(text, {})).toEqual({ text, problems: [] });
      }),
    );
  });
});

describe('secrets', () => {
  it('come from secrets.yaml, as they are written there', async () => {
    const text =
      'mqtt: { username: a, password: !secret pw }\njobs: { a: { plotter: chia, nice: !secret nice } }';
    const { config, secrets } = await loaded(text, { secrets: 'pw: 0123\nnice: 3\nother: unused' });
    expect(config.mqtt.password).toBe('0123');
    expect(config.jobs.a?.nice).toBe(3);
    expect([...secrets].sort()).toEqual(['0123', '3']);
  });

  it('are named where they are missing', async () => {
    const text = 'mqtt: { username: a, password: !secret pww }';
    expect(await problemsOf(text, { secrets: 'pw: 1' })).toEqual([
      "1:40 mqtt.password: secrets.yaml has no 'pww'; did you mean 'pw'?",
    ]);
    expect(await problemsOf(text)).toEqual([
      "1:40 mqtt.password: !secret needs 'pww' in secrets.yaml",
      '1:1 : there is no such file, and config.yaml asks for !secret',
    ]);
  });

  it.each([
    'mqtt: { broker: "mqtt://u:hunter22@host:1883" }',
    'mqtt: { password: *hunter22 }',
    'mqtt: { password: !hunter22 x }',
    'mqtt:\n  password: "x" hunter22',
    'mqtt:\n  password: "\\hunter22"',
    'mqtt: { password: {hunter22: hunter22} }',
    'log_level: !secret pw',
    'mqtt: { username: a, password: hunter22, version: hunter22 }',
    'jobs: { !secret pw : {} }',
    'jobs: { a: { plotter: !secret pw, replot: { before: !secret pw } } }',
    'mqtt: { embedded: { users: { a: hunter22 }, listen: hunter22 } }',
  ])('are in no message: %s', async (text) => {
    const result = await load(text, { secrets: 'pw: hunter22' });
    if (result.ok) throw new Error('it must not load');
    const messages = result.problems.map(({ message }) => message).join('\n');
    expect(messages).not.toBe('');
    expect(messages).not.toContain('hunter22');
  });

  it.each([
    ['mqtt: { base_topic: !secret pw }', 'canary', '1:29 mqtt.base_topic', 'can be no secret'],
    [
      'homeassistant: { status_topic: !secret pw }',
      'canary',
      '1:40 homeassistant.status_topic',
      'can be no secret',
    ],
    ['jobs: { a: { plotter: !secret pw } }', 'chia', '1:31 jobs.a.plotter', 'can be no secret'],
    [
      'jobs: { a: { plotter: chia, plots_to_do: !secret pw } }',
      '5000',
      '1:50 jobs.a.plots_to_do',
      'can be no secret',
    ],
    [
      'jobs: { a: { plotter: chia, title: !secret pw }, nightly: { plotter: chia } }',
      'nightly',
      '1:44 jobs.a.title',
      'the id of a job',
    ],
    ['mqtt: { username: a, password: chia }', '', '1:32 mqtt.password', 'the id of a plotter'],
    [
      'mqtt: { embedded: { users: { a: running } } }',
      '',
      '1:33 mqtt.embedded.users.a',
      'a word that messages carry',
    ],
    [
      'defaults: { farmer_key: !secret pw }\njobs: { a: { plotter: chia, starts: [{ on: again }] } }',
      'again',
      '1:33 defaults.farmer_key',
      'a named event',
    ],
  ])('can be nothing that is shown as it is: %s', async (text, secret, place, why) => {
    const problems = await problemsOf(text, { secrets: `pw: ${secret}` });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${place}: `);
    expect(problems[0]).toContain(why);
  });

  it('may be part of such a word, or too short to be masked', async () => {
    const text = 'defaults: { farmer_key: !secret pw }\njobs: { a1: { plotter: chia, nice: !secret short } }';
    expect(await problemsOf(text, { secrets: 'pw: plot\nshort: 1' })).toEqual([]);
  });

  it('that are directories are known as they are shown, too', async () => {
    const text = 'defaults: { temp_dir: !secret one, dest_dir: !secret two }';
    const { secrets, directory } = await loaded(text, { secrets: 'one: /mnt/canary/\ntwo: ./canary/x/..' });
    const mask = createMask(secrets);
    expect(mask('/mnt/canary')).toBe('***');
    expect(mask(`${directory}/canary/plot`)).toBe('***/plot');
  });

  it('are masked in any text, the longest first', () => {
    const mask = createMask(['pass', 'password1', 'ab', 'a "b" \\', '']);
    expect(mask('x password1 pass y')).toBe('x *** *** y');
    expect(mask('ab')).toBe('***');
    expect(mask('cab')).toBe('cab');
    expect(mask(JSON.stringify({ key: 'a "b" \\' }))).toBe('{"key":"***"}');
    expect(mask(`mqtt://u:${encodeURIComponent('a "b" \\')}@h`)).toBe('mqtt://u:***@h');
  });
});
