import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { Bus, retainedOn } from '../../support/e2e/bus.ts';
import { BROKERS, prepareDaemon, type TestDaemon } from '../../support/e2e/daemon.ts';
import { shellPlotter } from '../support/shell-plotter.ts';

/** A word that stands in keys, topics, types and names of entities everywhere. */
const WORD = 'plot';
const LOUD = `echo "error: bad key in: $*"; exit 3`;
/** What of each secret, but that word, must be nowhere. */
const CANARY = /canary-\w+-\d+|9182736450/;
/** Texts of free form stand under these keys, or below `arguments`. */
const FREE = new Set(['title', 'plot', 'file', 'path', 'error', 'last_error', 'last_plot', 'message']);

function secretsOf(daemon: TestDaemon) {
  return {
    word: WORD,
    password: 'canary-password-7351',
    key: 'canary-key-9462 "x" \\',
    title: 'canary-title-1188',
    plotter: 'canary-plotter-2277',
    // Two directories that look the same when their names are hidden, and one that is shown otherwise than written.
    one: daemon.path('canary-one-3366'),
    two: daemon.path('canary-two-4455'),
    temp: `${daemon.path('canary-temp-5544')}/`,
    data: daemon.path('canary-data-6633'),
    pre: 'NOTE=canary-pre-7722; exit 0',
    post: 'NOTE=canary-post-8811; exit 5',
    command: `NOTE=canary-command-9900 sh ${daemon.path('loud.sh')}`,
    many: '9182736450',
  };
}
type Secrets = ReturnType<typeof secretsOf>;

/** A configuration with a secret wherever one may stand. */
function configure(daemon: TestDaemon, broker: string, secrets: Secrets): void {
  const { host } = new URL(daemon.url);
  const shell = shellPlotter(daemon.dir);
  const key = { type: 'string', flag: '-k' };
  const config = {
    mqtt:
      broker === 'embedded'
        ? { broker, embedded: { listen: host, users: { me: 'SECRET password' } } }
        : { broker: daemon.url, username: 'me', password: 'SECRET password' },
    data_dir: 'SECRET data',
    log_level: 'debug',
    defaults: { temp_dir: 'SECRET temp', dest_dir: 'SECRET one' },
    plotters: {
      shell: { ...shell, title: 'SECRET plotter', arguments: { ...shell.arguments, type: key } },
      loud: { ...shell, command: 'SECRET command', arguments: { ...shell.arguments, key, many: key } },
    },
    jobs: {
      good: {
        ...{ title: 'SECRET title', plotter: 'shell', max_failures: 0 },
        arguments: { pause: '0.01', dest_dir: 'SECRET two' },
        ...{ pre_command: 'SECRET pre', post_command: 'SECRET post' },
      },
      bad: { title: 'SECRET word', plotter: 'loud', arguments: { key: 'SECRET key', many: 'SECRET many' } },
    },
  };
  writeFileSync(daemon.configFile, JSON.stringify(config).replace(/"SECRET (\w+)"/g, '!secret $1'));
  const lines = Object.entries(secrets).map(([name, secret]) => `${name}: ${JSON.stringify(secret)}`);
  writeFileSync(daemon.path('secrets.yaml'), lines.join('\n'));
  writeFileSync(daemon.path('loud.sh'), LOUD);
  for (const folder of [secrets.one, secrets.two, secrets.temp]) mkdirSync(folder);
}

/** Has the daemon say all that it can say of these jobs. */
async function makeItTalk(bus: Bus, secrets: Secrets) {
  for (const job of ['good', 'bad']) {
    await bus.command(`job/${job}/do/start`);
    await bus.event('worker_end', { job });
  }
  await bus.message('host', (text) => JSON.parse(text).disks.length >= 3);
  await bus.command('bridge/request/job/get', { id: 'good' });
  const made = {
    id: 'made',
    plotter: 'shell',
    title: `of ${secrets.title}`,
    arguments: { type: secrets.key },
  };
  await bus.command('bridge/request/job/create', made);
  await bus.command('bridge/request/reload', {});
  return {
    list: await bus.command('bridge/request/job/list', {}),
    masked: await bus.command('bridge/request/job/update', { id: 'made', title: 'of ***' }),
    outside: await bus.command('bridge/request/job/create', {
      ...{ id: 'wrong', plotter: 'shell', arguments: { dest_dir: secrets.data } },
    }),
  };
}

interface Device {
  device: { name: string };
  components: Record<string, { name: string; value_template?: string }>;
}

async function deviceOf(bus: Bus, name: string): Promise<Device> {
  const topic = new RegExp(`^homeassistant/device/plot2mqtt__\\w+__${name}/config$`);
  const { text } = await bus.until(`the document of ${name}`, () =>
    bus.messages.findLast((message) => topic.test(message.topic)),
  );
  return JSON.parse(text);
}

const mounted = z.object({ filesystems: z.tuple([z.object({ path: z.string() })]) });

/** Every text of free form in an object that was published. */
function freeTexts(value: unknown, keys: string[] = []): string[] {
  const key = keys.at(-1) ?? '';
  const field = keys[0] === 'error' && key === 'path';
  if (typeof value === 'string' || typeof value === 'number')
    return keys.includes('arguments') || (FREE.has(key) && !field) ? [String(value)] : [];
  if (Array.isArray(value)) return value.flatMap((item) => freeTexts(item, keys));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => freeTexts(inner, [...keys, name]));
}

test.each(BROKERS)(
  'secrets are in nothing that is published or said, wherever they are used: %s',
  async (broker) => {
    const daemon = await prepareDaemon({ broker });
    const secrets = secretsOf(daemon);
    configure(daemon, broker, secrets);
    daemon.launch();
    const login = { username: 'me', password: secrets.password };
    const bus = await Bus.connect(daemon.url, 'plot2mqtt', login);
    await bus.message('bridge/state', (state) => state === 'online');
    const { list, masked, outside } = await makeItTalk(bus, secrets);
    const good = await deviceOf(bus, 'job__good');
    // File systems come when they were looked at.
    await bus.until('a file system', () => bus.messages.find(({ text }) => text.includes('"free_space')));
    const bridge = await deviceOf(bus, 'bridge');
    const { path } = mounted.parse(bus.object('host/filesystems')).filesystems[0];
    const check = await daemon.run(['check', '--config', daemon.configFile]);
    const health = await daemon.run(['health', '--config', daemon.configFile]);
    const retained = await retainedOn(daemon.url, login);
    await bus.end();
    await daemon.stop();

    const heard = [...bus.messages, ...retained.values()].filter(
      ({ topic }) => !topic.includes('/bridge/request/'),
    );
    const said = [...daemon.said, ...[check, health].flatMap(({ stdout, stderr }) => [stdout, stderr])];
    const lines = [...heard.map(({ topic, text }) => `${topic} ${text}`), ...said];
    for (const secret of Object.values(secrets).filter((each) => each !== WORD)) {
      const canary = CANARY.exec(secret)?.[0] ?? secret;
      const slug = canary.replaceAll('-', '_');
      expect(lines.filter((line) => line.includes(canary) || line.includes(slug))).toEqual([]);
    }
    const objects = heard.flatMap(({ text }) => (text.startsWith('{') ? [JSON.parse(text)] : []));
    const texts = objects.flatMap((object) => freeTexts(object));
    expect(texts.filter((text) => text.includes(WORD))).toEqual([]);
    expect(texts).toContain('***');

    // The word is left where it is part of something fixed.
    expect(bus.events({ job: 'good', type: 'plotter_finished' })).toHaveLength(1);
    expect(bus.object('bridge/stats')).toMatchObject({ plots_done: 1 });
    for (const line of daemon.said) expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number) });
    expect(check.stdout).toMatch(/^job 'good' \(\*\*\*\), plotter 'shell':$/m);
    const jobs = [
      { id: 'good', title: '***', plotter: 'shell' },
      { id: 'bad' },
      { id: 'made', title: 'of ***' },
    ];
    expect(list).toMatchObject({ status: 'ok', data: { jobs } });
    expect(masked.error).toMatchObject({ code: 'invalid_config', path: 'title' });
    expect(outside.error).toMatchObject({ code: 'not_allowed', path: 'arguments.dest_dir' });

    // Home Assistant: names are hidden, words of ours are not, and directories stay apart.
    expect(good.device.name).toBe('***');
    expect(good.components.last_plot?.name).toBe('Last plot');
    const disks = Object.entries(bridge.components).filter(([key]) => key.startsWith('free_space'));
    // All is on one file system here; those that look alike are kept apart in test/unit/homeassistant.
    expect(disks.map(([, { name }]) => name)).toEqual([`Free space ${path}`]);
  },
);
