import { once } from 'node:events';
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { Bus } from '../support/e2e/bus.ts';
import { prepareDaemon, startDaemon } from '../support/e2e/daemon.ts';
import { QUICK } from '../support/e2e/plotters.ts';
import { freePort } from '../support/mosquitto.ts';

/** An account without rights. */
const NOBODY = 65_534;
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];

test('check prints each command line, or what is wrong, with its place', async () => {
  const daemon = await prepareDaemon({ config: { jobs: { j: { ...QUICK, arguments: { k: 20 } } } } });
  const good = await daemon.run(['check']);
  expect(good).toMatchObject({ code: 0, stderr: '' });
  expect(good.stdout).toMatch(/job 'j'.*\n.*simulate madmax.* -k 20 /);

  const text = await readFile(daemon.configFile, 'utf8');
  const lineOf = (what: string) => text.split('\n').findIndex((line) => line.includes(what)) + 1;
  await writeFile(daemon.configFile, text.replace('"check_space"', '"chekc_space"'));
  const typo = await daemon.run(['check']);
  expect(typo.code).toBe(2);
  expect(typo.stdout).toMatch(
    new RegExp(`config\\.yaml:${lineOf('check_space')}:\\d+: .*'chekc_space'.*'?check_space`),
  );
  expect(await daemon.run(['run'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(new RegExp(`config\\.yaml:${lineOf('check_space')}:\\d+: .*chekc_space`)),
  });
});

test.each([
  ['an argument that is missing', { defaults: { farmer_key: undefined } }, /farmer_key.*'j'|'j'.*farmer_key/],
  [
    'a plotter that is unknown',
    { jobs: { j: { plotter: 'madmx' } } },
    /'j' asks for an unknown plotter.*did you mean 'madmax'/,
  ],
  ['a directory that is missing', { defaults: { dest_dir: 'nowhere' } }, /dest_dir.*nowhere does not exist/],
  ['a CPU that the host lacks', { jobs: { j: { cpus: [4095] } } }, /4095/],
  [
    'an event type that is unknown',
    { jobs: { j: { events: [{ fire: 'x', on: 'worker_ends' }] } } },
    /worker_end/,
  ],
  [
    'a variable that is not set',
    { jobs: { j: { title: ['$', '{NO_SUCH_VARIABLE_AT_ALL}'].join('') } } },
    /NO_SUCH_VARIABLE_AT_ALL/,
  ],
  [
    'an address beyond this machine without users',
    { mqtt: { embedded: { listen: '0.0.0.0:1883' } } },
    /users/,
  ],
] as const)('check names %s', async (_, change, wanted) => {
  const base = { jobs: { j: { ...QUICK } } };
  const jobs = { j: { ...base.jobs.j, ...('jobs' in change ? change.jobs.j : {}) } };
  const daemon = await prepareDaemon({ config: { ...base, ...change, jobs } });
  const checked = await daemon.run(['check']);
  expect(checked.code).toBe(2);
  expect(checked.stdout).toMatch(wanted);
  expect(checked.stdout).toMatch(/config\.yaml:\d+:\d+: /);
});

test('check names a directory that can not be written', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can become somebody else');
  const daemon = await prepareDaemon({ config: { jobs: { j: QUICK } } });
  // Somebody else can read the program and the configuration, but write nothing here.
  await chmod(daemon.dir, 0o755);
  await chmod(dirname(inject('program')), 0o755);
  const checked = await daemon.run(['check'], { wrapper: AS_NOBODY });
  expect(checked.code).toBe(2);
  for (const name of ['temp_dir', 'dest_dir'])
    expect(checked.stdout).toMatch(new RegExp(`${name} ${daemon.dir}/\\w+ can't be written by this account`));
});

test('a directory that can not be written blocks the job', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can become somebody else');
  const daemon = await prepareDaemon({ config: { jobs: { j: QUICK } } });
  await chmod(daemon.dir, 0o755);
  await chmod(dirname(inject('program')), 0o755);
  for (const name of ['data', 'tmp']) {
    await mkdir(daemon.path(name), { recursive: true });
    await chown(daemon.path(name), NOBODY, NOBODY);
  }
  daemon.through = AS_NOBODY;
  await daemon.start();
  const answer = await daemon.bus.command('job/j/do/start');
  expect(answer).toMatchObject({ error: { code: 'missing_directory', path: 'dest_dir' } });
  expect(answer.error?.message).toMatch(/dest_dir .*plots can't be written/);
});

test('a plotter that is not there fails its worker in words', async () => {
  const jobs = { j: { ...QUICK, command: '~/nowhere/chia_plot' } };
  const { bus } = await startDaemon({ config: { jobs } });
  await bus.command('job/j/do/start');
  expect((await bus.event('worker_failed')).error).toMatch(
    /nowhere\/chia_plot.*not found|not found.*chia_plot/,
  );
});

test('a second daemon on the same data directory names the first', async () => {
  const first = await startDaemon();
  await first.configure({ mqtt: { embedded: { listen: `127.0.0.1:${await freePort()}` } } });
  const second = await first.run(['run']);
  expect(second.code).toBe(1);
  expect(second.stdout).toMatch(new RegExp(`\\b${first.pid}\\b`));
  // It took nothing from the first.
  expect(await first.bus.command('bridge/request/job/list')).toMatchObject({ status: 'ok' });
});

test('a port that is taken is named, with the setting by which to move it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const daemon = await prepareDaemon({ config: { mqtt: { embedded: { listen: `127.0.0.1:${port}` } } } });
  const ended = await daemon.run(['run']);
  expect(ended.code).toBe(1);
  expect(ended.stdout).toContain('mqtt.embedded.listen');
  expect(ended.stdout).toContain(String(port));
});

test('a wrong password is told in words, and the daemon works on and tries again', async () => {
  const secret = 'correct-horse-battery';
  const daemon = await prepareDaemon({
    broker: 'mosquitto',
    // Nobody has a password here, so each is wrong.
    mosquitto: 'allow_anonymous false',
    config: {
      mqtt: { username: 'farmer', password: secret },
      jobs: { j: { ...QUICK, starts: [{ on: '@startup' }], plots_to_do: 1 } },
    },
  });
  const child = daemon.launch();
  await vi.waitFor(
    () => expect(daemon.said.join('\n')).toMatch(/refuses: .*mqtt\.username, mqtt\.password/),
    {
      timeout: 20_000,
    },
  );
  await vi.waitFor(async () => expect(await daemon.lines('data', 'history.jsonl')).toHaveLength(1), {
    timeout: 20_000,
  });
  expect(child.exitCode).toBeNull();
  expect(daemon.said.join('\n')).not.toContain(secret);
  expect(await daemon.stop()).toBe(0);
});

test('a broker that is away at the start is found when it comes', async () => {
  const daemon = await prepareDaemon({ broker: 'mosquitto', config: { jobs: { j: QUICK } } });
  await daemon.mosquitto?.kill();
  daemon.launch();
  await vi.waitFor(() => expect(daemon.said.join('\n')).toMatch(/nothing listens there; trying again/), {
    timeout: 20_000,
  });
  await daemon.mosquitto?.restart();
  const bus = await Bus.connect(daemon.url);
  onTestFinished(() => bus.end());
  await bus.value('bridge/state', 'online');
  await bus.shows('job/j', { state: 'idle' });
});

test('health asks the running daemon, with users too', async () => {
  const users = { farmer: 'correct-horse-battery' };
  const daemon = await prepareDaemon({ config: { mqtt: { embedded: { users } } } });
  const before = await daemon.run(['health']);
  expect(before).toMatchObject({ code: 1, stderr: expect.stringMatching(/does not answer/) });
  daemon.launch();
  await vi.waitFor(async () => expect(await daemon.run(['health'])).toMatchObject({ code: 0 }), {
    timeout: 20_000,
  });
  expect(await daemon.stop()).toBe(0);
  expect((await daemon.run(['health'])).code).toBe(1);
});

test('health is for the daemon, not for its broker', async () => {
  const daemon = await startDaemon({ broker: 'mosquitto' });
  expect((await daemon.run(['health'])).code).toBe(0);
  await daemon.kill();
  expect((await daemon.run(['health'])).code).toBe(1);
});

test('words on the command line', async () => {
  const daemon = await prepareDaemon();
  const schema = await daemon.run(['schema']);
  expect(schema.code).toBe(0);
  expect(JSON.parse(schema.stdout)).toMatchObject({
    type: 'object',
    properties: { jobs: expect.anything() },
  });
  expect(await daemon.run(['--version'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
  expect(await daemon.run(['--help'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('plot2mqtt check'),
  });
  expect(await daemon.run(['chekc'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/chekc.*check/),
  });
  const missing = await daemon.run(['run', '--config', 'nothing.yaml']);
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringMatching(/nothing\.yaml/) });
  const named = await daemon.run(['check'], { env: { PLOT2MQTT_CONFIG: 'elsewhere.yaml' } });
  expect(named).toMatchObject({ code: 2, stdout: expect.stringMatching(/elsewhere\.yaml/) });
});

test('secrets show nowhere', async () => {
  const secret = 'correct-horse-battery';
  const daemon = await startDaemon({
    files: { 'secrets.yaml': `word: ${secret}\n` },
  });
  const { bus } = daemon;
  const text = await readFile(daemon.configFile, 'utf8');
  const job = { ...QUICK, title: 'SECRET', command: "echo 'Error: SECRET is wrong' >&2; exit 1" };
  await writeFile(
    daemon.configFile,
    text.replace(
      /\}\s*$/,
      `, "jobs": { "j": ${JSON.stringify(job).replaceAll('"SECRET"', '!secret word')} } }`,
    ),
  );
  await writeFile(
    daemon.configFile,
    (await readFile(daemon.configFile, 'utf8')).replaceAll('SECRET', secret),
  );
  expect(await bus.command('bridge/request/reload')).toMatchObject({ status: 'ok' });
  await bus.command('job/j/do/start');
  await bus.event('worker_failed');
  await bus.command('bridge/request/job/get', 'j');
  const history = () => readFile(daemon.path('data/history.jsonl'), 'utf8').catch(() => '');
  await expect.poll(history).toContain('*** is wrong');
  const checked = await daemon.run(['check']);
  expect(checked.stdout).toContain('***');
  for (const said of [
    checked.stdout,
    daemon.said.join('\n'),
    await history(),
    JSON.stringify(bus.messages.map(({ text: each }) => each)),
  ])
    expect(said).not.toContain(secret);
  expect(bus.object('job/j')).toMatchObject({ title: '***', last_error: expect.stringContaining('***') });
});
