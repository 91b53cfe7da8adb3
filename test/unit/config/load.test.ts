import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problems.ts';
import { BUILT_IN, load, loaded, write } from './support.ts';

const EVERY_KEY = `
mqtt:
  broker: mqtts://broker.local:8883
  embedded:
    listen: 0.0.0.0:1884
    users: { ha: secret-of-ha }
    tls: { cert: tls/cert.pem, key: tls/key.pem }
  base_topic: farm/plots
  username: farmer
  password: secret-of-farmer
  ca: ca.pem
  cert: ~/client.pem
  key: /etc/client.key
  version: 5
  progress_interval: 250
homeassistant: { discovery: false, discovery_prefix: ha, status_topic: ha/status }
data_dir: ~/plots-data
log_level: debug
defaults: { farmer_key: abc, pool_contract: xch1abc, temp_dir: /tmp }
plotters:
  chia: { command: "cd ~/chia && chia plots create", arguments: {} }
  madmax: { arguments: { threads: 8 } }
  mine:
    title: Mine
    command: mine
    arguments: { dest_dir: { type: directory, role: destination, flag: -d } }
    stages: [{ id: "1", title: All, weight: 1 }]
    patterns: [{ match: "^done (?<file>.+)$", final_file: true }]
jobs:
  nightly:
    title: Nightly plots
    plotter: mine
    command: echo \${HOME}
    arguments: { buckets: 512, extra: [-v] }
    enabled: false
    emit_events: false
    max_workers: 2
    plots_to_do: 100
    cpus: [0, 1, "4-7"]
    nice: 10
    pre_command: "true"
    post_command: mv %plot% /mnt/farm/
    replot: { before: 2026-01-01T00:00:00Z }
    save_logs: 5
    max_failures: 0
    stop_grace: 1m
    stall_timeout: 2h
    on_stall: dismiss
    check_space: false
    events:
      - { fire: next, on: stage_started, stage: "2", delay: 30s }
      - { fire: half, on: progress, percent: 50 }
      - { fire: again, on: worker_end }
    starts:
      - { on: next, workers: 1 }
      - { on: "@startup", workers: 1 }
security: { allow_commands_over_mqtt: true, allowed_dirs: [farm, ~/farm] }
`;

describe('loadConfig', () => {
  it('reads every key of the contract', async () => {
    const { config, directory, secrets } = await loaded(EVERY_KEY);
    expect(config.mqtt).toEqual({
      broker: 'mqtts://broker.local:8883',
      embedded: {
        listen: { host: '0.0.0.0', port: 1884 },
        users: { ha: 'secret-of-ha' },
        tls: { cert: join(directory, 'tls/cert.pem'), key: join(directory, 'tls/key.pem') },
      },
      base_topic: 'farm/plots',
      username: 'farmer',
      password: 'secret-of-farmer',
      ca: join(directory, 'ca.pem'),
      cert: join(homedir(), 'client.pem'),
      key: '/etc/client.key',
      version: 5,
      progress_interval: 250,
    });
    expect(config.data_dir).toBe(join(homedir(), 'plots-data'));
    expect(config.security.allowed_dirs).toEqual([join(directory, 'farm'), join(homedir(), 'farm')]);
    expect(config.plotters.madmax).toEqual({ kind: 'settings', arguments: { threads: 8 } });
    expect(config.plotters.mine).toMatchObject({ kind: 'definition', definition: { title: 'Mine' } });
    expect(config.jobs.nightly).toMatchObject({
      command: `echo \${HOME}`,
      cpus: [0, 1, '4-7'],
      stop_grace: 60,
      stall_timeout: 7200,
      on_stall: 'dismiss',
      events: [{ delay: 30 }, { percent: 50 }, { on: 'worker_end' }],
      replot: { before: '2026-01-01T00:00:00Z' },
    });
    expect([...secrets].sort()).toEqual(['secret-of-farmer', 'secret-of-ha']);
  });

  it.each(['', '\n', '# nothing\n', '---\n', '--- # nothing\n...\n', '~', 'null\n', '\uFEFF'])(
    'refuses %j, which is empty',
    async (text) => {
      const result = await load(text);
      expect(result.ok ? [] : result.problems).toMatchObject([
        { line: 1, column: 1, message: expect.stringMatching(/^the file is empty/) },
      ]);
    },
  );

  it.each(['{}', '{} # nothing\n', 'mqtt:\njobs:\nplotters:\n'])(
    'fills in every default of %j',
    async (text) => {
      const { config, directory } = await loaded(text);
      expect(config).toEqual({
        mqtt: {
          broker: 'embedded',
          embedded: { listen: { host: '127.0.0.1', port: 1883 }, users: {}, tls: {} },
          base_topic: 'plot2mqtt',
          version: 'auto',
          progress_interval: 1,
        },
        homeassistant: {
          discovery: true,
          discovery_prefix: 'homeassistant',
          status_topic: 'homeassistant/status',
        },
        data_dir: join(directory, 'data'),
        log_level: 'info',
        defaults: {},
        plotters: {},
        jobs: {},
        moves: {},
        holds: {},
        disks: [],
        limits: {},
        energy: {},
        security: { allow_replot_over_mqtt: false, allow_commands_over_mqtt: false, allowed_dirs: [] },
      });
    },
  );

  it.each([
    ['"[::1]:1884"', '::1', 1884],
    ['localhost:0', 'localhost', 0],
  ])('takes %s as an address to listen on', async (listen, host, port) => {
    const { config } = await loaded(`mqtt: { embedded: { listen: ${listen} } }`);
    expect(config.mqtt.embedded.listen).toEqual({ host, port });
  });

  it('takes the first of the directories that systemd gives, where the file names none', async () => {
    const env = { STATE_DIRECTORY: '/var/lib/plot2mqtt:/var/lib/other' };
    expect((await loaded('jobs: {}', { env })).config.data_dir).toBe('/var/lib/plot2mqtt');
    expect((await loaded('data_dir: /here', { env })).config.data_dir).toBe('/here');
  });

  it('names the file that is missing, and what writes one', async () => {
    const file = join(dirname(await write('')), 'other.yaml');
    const result = await loadConfig(file, { env: {}, builtIn: BUILT_IN, fixedWords: new Set() });
    if (result.ok) throw new Error('it must not load');
    expect(result.problems.map(formatProblem)).toEqual([
      `${file}:1:1: there is no configuration at ${file}: "plot2mqtt init" writes one, "--config FILE" names another`,
    ]);
  });

  it('tells where things stand', async () => {
    const { locate } = await loaded('jobs:\n  a:\n    plotter: chia\n    cpus: [0, 1]\n');
    expect(locate(['jobs', 'a', 'plotter'])).toEqual({ line: 3, column: 14 });
    expect(locate(['jobs', 'a', 'plotter'], 'key')).toEqual({ line: 3, column: 5 });
    expect(locate(['jobs', 'a', 'cpus', 1])).toEqual({ line: 4, column: 15 });
    expect(locate(['jobs', 'a', 'arguments', 'k'])).toEqual({ line: 2, column: 3 });
    expect(locate(['defaults'])).toEqual({ line: 1, column: 1 });
  });

  it('lets jobs share settings by an alias', async () => {
    const { config } = await loaded(
      'jobs:\n  a: {plotter: chia, arguments: &x {k: 25}}\n  b: {plotter: chia, arguments: *x}',
    );
    expect(config.jobs.b?.arguments).toEqual({ k: 25 });
  });

  it('lets jobs share settings by merge keys', async () => {
    const { config, locate } = await loaded(
      [
        'jobs:',
        '  a: &a {plotter: chia, max_workers: 2, arguments: {k: 25}}',
        '  b: &b {title: B, nice: 5, <<: *a}',
        '  c:',
        '    max_workers: 3',
        '    <<: [*b, *a]',
        '    title: C',
      ].join('\n'),
    );
    expect(config.jobs.b).toMatchObject({
      plotter: 'chia',
      title: 'B',
      max_workers: 2,
      arguments: { k: 25 },
    });
    expect(config.jobs.c).toMatchObject({ plotter: 'chia', title: 'C', max_workers: 3, nice: 5 });
    expect(locate(['jobs', 'c', 'nice'])).toEqual({ line: 6, column: 10 });
    expect(locate(['jobs', 'c', 'max_workers'])).toEqual({ line: 5, column: 18 });
  });

  it.each([
    'jobs: {a: {<<: 3}}',
    'jobs: &j {a: {<<: *j}}',
    'jobs: {a: &a {<<: *a}}',
    'jobs: {<<: !secret x}',
  ])('says what a merge key is: %s', async (text) => {
    expect(await load(text)).toMatchObject({ ok: false });
  });

  it('never throws, whatever the file is', async () => {
    const word = fc.constantFrom(
      ...'jobs mqtt a: - [ { } ] , : & * !secret A " \' | > \n \t # ? << 1 ~'.split(' '),
      '\n  ',
      `\${A}`,
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 30 }).map((words) => words.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (any) => {
        const result = await load(any);
        if (!result.ok) expect(result.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});
