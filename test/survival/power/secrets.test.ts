import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Bus } from '../../support/e2e/bus.ts';
import { prepareDaemon } from '../../support/e2e/daemon.ts';
import { shellPlotter } from '../support/shell-plotter.ts';

const PASSWORD = 'canary-password-7351';
const SECRET = 'canary-secret-9462';

/** A plotter that tells everybody what it was given, and fails: as some do. */
const LOUD = `echo "stage 1"; echo "error: bad key in: $*"; echo "$@" >&2; exit 3`;

/** Files below a directory, with their modes. */
function filesBelow(folder: string): { path: string; mode: number; directory: boolean }[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const own = { path, mode: statSync(path).mode & 0o777, directory: entry.isDirectory() };
    return entry.isDirectory() ? [own, ...filesBelow(path)] : [own];
  });
}

test('secrets are in no topic, log, error, answer or check; what is written is its owner’s alone', async () => {
  const daemon = await prepareDaemon({
    files: { 'secrets.yaml': `password: ${PASSWORD}\nkey: ${SECRET}\n` },
  });
  const { port } = new URL(daemon.url);
  const plotter = shellPlotter(daemon.dir, LOUD);
  const { temp_dir, dest_dir } = plotter.arguments;
  const definition = { ...plotter, arguments: { temp_dir, dest_dir, key: { type: 'string', flag: '-k' } } };
  const job = {
    plotter: 'loud',
    max_failures: 0,
    save_logs: true,
    events: [{ fire: 'next', on: 'worker_end' }],
    starts: [{ on: 'next' }],
  };
  const { writeFileSync } = await import('node:fs');
  const text = JSON.stringify({
    mqtt: { broker: 'embedded', embedded: { listen: `127.0.0.1:${port}`, users: { me: 'PASSWORD' } } },
    homeassistant: { discovery: true },
    log_level: 'debug',
    defaults: { temp_dir: 'tmp', dest_dir: 'plots' },
    plotters: { loud: definition },
    jobs: { job: { ...job, arguments: { key: 'SECRET' } } },
  });
  const tagged = text.replace('"PASSWORD"', '!secret password').replace('"SECRET"', '!secret key');
  writeFileSync(daemon.configFile, tagged);
  daemon.launch();
  const bus = await Bus.connect(daemon.url, 'plot2mqtt', { username: 'me', password: PASSWORD });
  await bus.message('bridge/state', (state) => state === 'online');
  await bus.command('job/job/do/start');
  await bus.until('ten failures', () => bus.events({ type: 'worker_failed' }).at(9));
  const answers = [
    await bus.command('bridge/request/job/get', { id: 'job' }),
    await bus.command('bridge/request/job/list', {}),
    await bus.command('bridge/request/job/create', { id: 'made', plotter: 'loud', title: SECRET }),
    await bus.command('bridge/request/job/update', { id: 'job', title: SECRET }),
    await bus.command('bridge/request/reload', {}),
  ];
  const refused = Bus.connect(daemon.url, 'plot2mqtt', {
    username: 'me',
    password: 'wrong',
    reconnectPeriod: 0,
  });
  refused.catch(() => {});
  const check = await daemon.run(['check', '--config', daemon.configFile]);
  await bus.command('job/job/set/enabled', 'OFF');
  await bus.end();
  await daemon.stop();
  const said = [...daemon.said, check.stdout, check.stderr, JSON.stringify(answers)].join('\n');
  const published = bus.messages
    .filter(({ topic }) => !topic.includes('/bridge/request/'))
    .map(({ topic, text: payload }) => `${topic} ${payload}`)
    .join('\n');
  for (const secret of [PASSWORD, SECRET]) {
    expect(said).not.toContain(secret);
    expect(published.split('\n').filter((line) => line.includes(secret))).toEqual([]);
  }
  expect(published).toContain('***');
  const wide = filesBelow(daemon.path('data')).filter(
    ({ mode, directory }) => mode !== (directory ? 0o700 : 0o600),
  );
  expect(wide).toEqual([]);
  expect(readFileSync(daemon.path('data', 'history.jsonl'), 'utf8')).not.toContain(SECRET);
  const events = readFileSync(daemon.path('data', 'events.jsonl'), 'utf8');
  expect(events).toContain('worker_started');
  expect(events).not.toContain(SECRET);
});
