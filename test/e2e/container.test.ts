import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, startEngine } from '../support/containers/engine.ts';
import { ensureImages } from '../support/containers/images.ts';
import { Bus } from '../support/e2e/bus.ts';
import { freePort } from '../support/mosquitto.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Of the Dockerfile and of compose.yaml. */
const BASES = ['node:24-trixie-slim', 'eclipse-mosquitto:2'];
const IMAGE = 'plot2mqtt';
const PASSWORD = 'pass "word" $HOME';
const LIMIT_MB = 300;
const MINUTES = 60_000;

const engine = await prepare();
if (typeof engine === 'string') console.warn(`\nNO PROOF OF THE CONTAINER ON THIS MACHINE: ${engine}\n`);

async function prepare(): Promise<Engine | string> {
  const started = await startEngine();
  if (typeof started === 'string') return started;
  const problem = await ensureImages(BASES);
  if (problem === null) return started;
  await started.stop();
  return problem;
}

async function docker(...words: string[]) {
  return execa('docker', words, { cwd: root, reject: false });
}

describe.skipIf(typeof engine === 'string')('in a real container engine', () => {
  const project = `p2m${randomBytes(4).toString('hex')}`;
  let env: Record<string, string>;
  let place: string;

  function compose(words: string[], variables: Record<string, string> = env) {
    const [command, ...first] = typeof engine === 'string' ? ['false'] : engine.compose;
    return execa(command, [...first, '--project-name', project, ...words], {
      cwd: root,
      env: variables,
      reject: false,
    });
  }
  const container = async (service: string) => (await compose(['ps', '--quiet', service])).stdout.trim();
  const shows = async (id: string, format: string) =>
    (await docker('inspect', '--format', format, id)).stdout;

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'container-'));
    env = { MQTT_PASSWORD: PASSWORD, MQTT_PORT: String(await freePort()) };
    const built = await docker('build', '--tag', IMAGE, '.');
    if (built.failed) throw new Error(`${built.stdout.slice(-2000)}\n${built.stderr.slice(-2000)}`);
  }, 5 * MINUTES);
  afterAll(async () => {
    await compose(['down', '--volumes', '--timeout', '5']);
    await rm(place, { recursive: true, force: true });
    if (typeof engine !== 'string') await engine.stop();
  }, MINUTES);

  it('the image builds as it stands, and is small', async () => {
    const megabytes = Number(await shows(IMAGE, '{{.Size}}')) / 1e6;
    console.info(`image size: ${megabytes.toFixed(0)} MB`);
    expect(megabytes).toBeLessThan(LIMIT_MB);
  });

  it('plot2mqtt is a command in it, as an ordinary account, with tini as the first process', async () => {
    const script = 'id -u; cat /proc/1/comm; command -v plot2mqtt; echo "$PLOT2MQTT_CONFIG"; ls -dl /data';
    const { stdout } = await docker('run', '--rm', '--entrypoint', 'tini', IMAGE, '--', 'sh', '-c', script);
    const [uid, first, command, config, data] = stdout.split('\n');
    expect([uid, first, command, config]).toEqual([
      '1000',
      'tini',
      '/usr/local/bin/plot2mqtt',
      '/config/config.yaml',
    ]);
    expect(data).toMatch(/^drwx.* node node /);
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect((await docker('run', '--rm', IMAGE, '--version')).stdout).toBe(version);
  });

  it('without a configuration it says where it looks and how to write one, and ends with 2', async () => {
    const run = await docker('run', '--rm', IMAGE);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('there is no configuration at /config/config.yaml');
    expect(run.stderr).toContain('plot2mqtt init');
  });

  it('writes one by `init`, which it then takes', async () => {
    const volume = `${project}-config`;
    const mounted = ['run', '--rm', '--volume', `${volume}:/config`, IMAGE];
    expect(await docker(...mounted, 'init')).toMatchObject({ exitCode: 0 });
    expect(await docker(...mounted, 'check')).toMatchObject({ exitCode: 0 });
    await docker('volume', 'rm', volume);
  });

  it('Compose asks for the password', async () => {
    const refused = await compose(['config'], { MQTT_PASSWORD: '' });
    expect(refused.failed).toBe(true);
    expect(refused.stderr).toContain('put MQTT_PASSWORD=… into a file .env beside compose.yaml');
  });

  describe('brought up by Compose', () => {
    let bus: Bus;
    let daemon: string;

    beforeAll(async () => {
      const up = await compose(['up', '--detach']);
      if (up.failed) throw new Error(up.stderr);
      daemon = await container('plot2mqtt');
      const login = { username: 'plot2mqtt', password: PASSWORD };
      bus = await Bus.connect(`mqtt://127.0.0.1:${env.MQTT_PORT}`, 'plot2mqtt', login);
    }, 2 * MINUTES);
    afterAll(() => bus?.end());

    it('broker and daemon become healthy, and a plot is made', async () => {
      for (const id of [await container('mosquitto'), daemon])
        await expect
          .poll(() => shows(id, '{{.State.Health.Status}}'), { timeout: MINUTES, interval: 500 })
          .toBe('healthy');
      await bus.value('bridge/state', 'online');
      await bus.event('plotter_started', { job: 'demo' });
      await bus.until('some progress', () => bus.events({ type: 'progress' }).at(3));
    });

    it('the broker lets nobody in without the password', async () => {
      const url = `mqtt://127.0.0.1:${env.MQTT_PORT}`;
      await expect(mqtt.connectAsync(url, { reconnectPeriod: 0 })).rejects.toThrow(/not authori[sz]ed/i);
    });

    it('a daemon that hangs has no health', async () => {
      const health = () => docker('exec', daemon, 'plot2mqtt', 'health');
      const signal = (name: string) =>
        docker('exec', daemon, 'sh', '-c', `kill -${name} "$(cat /proc/1/task/1/children | cut -d' ' -f1)"`);
      expect(await health()).toMatchObject({ exitCode: 0 });
      await signal('STOP');
      expect(await health()).toMatchObject({ exitCode: 1 });
      await signal('CONT');
      expect(await health()).toMatchObject({ exitCode: 0 });
    });

    it('ends cleanly and says that the plots end with it; its state outlives it', async () => {
      const { instance } = bus.object('bridge/info');
      const plotting = () => bus.object('job/demo').workers === 1 || undefined;
      await bus.until('a plot being made', plotting);
      await compose(['stop', 'plot2mqtt']);
      expect(await shows(daemon, '{{.State.ExitCode}}')).toBe('0');
      expect((await docker('logs', daemon)).stdout).toMatch(
        /this container is ending, and with it the plots? of/,
      );
      await bus.value('bridge/state', 'offline');

      const from = bus.mark();
      await compose(['rm', '--force', 'plot2mqtt']);
      await compose(['up', '--detach', 'plot2mqtt']);
      const info = await bus.message('bridge/info', () => true, from);
      expect(JSON.parse(info.text).instance).toBe(instance);
      const failed = await bus.event('worker_failed', { job: 'demo' });
      expect(failed.error).toContain('gone');
    });
  });
});
