import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../mosquitto.ts';
import { command, rest } from './api.ts';
import { writeFreshFolder } from './configuration.ts';

const INSIDE = join(import.meta.dirname, 'inside.sh');
const PAST = join(import.meta.dirname, 'past.py');
const run = promisify(execFile);

/** Where scripts/ci/home-assistant.sh has installed it. */
function installation(): string {
  const dir = process.env.HOME_ASSISTANT_DIR ?? join(homedir(), '.cache/plot2mqtt-ha');
  if (existsSync(join(dir, 'venv/.installed'))) return dir;
  throw new Error(
    'These tests need a Home Assistant: scripts/ci/home-assistant.sh installs one, or HOME_ASSISTANT_URL and ' +
      'HOME_ASSISTANT_TOKEN lead to one that is there for tests only (test/support/homeassistant/README.md).',
  );
}

/** A Home Assistant of a test's own: a folder, and the process that runs on it. */
export class HomeAssistantProcess {
  readonly folder: string;
  readonly url: string;
  token = '';
  #child: ChildProcess | undefined;

  private constructor(folder: string, url: string) {
    this.folder = folder;
    this.url = url;
  }

  /** A new installation with its owner's account, up and running. */
  static async fresh(prepare: (folder: string) => Promise<void>): Promise<HomeAssistantProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'home-assistant-'));
    const port = await freePort();
    await writeFreshFolder(folder, port);
    await prepare(folder);
    const home = new HomeAssistantProcess(folder, `http://127.0.0.1:${port}`);
    try {
      await home.#launch();
      await home.#onboard();
      await home.#running();
      return home;
    } catch (error) {
      await home.destroy();
      throw error;
    }
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.#launch();
    await this.#running();
  }

  /** Writes states of the past into its database, each as `history/stream` would tell it. */
  async remember(past: object): Promise<void> {
    const dir = installation();
    const words = [join(dir, 'venv/bin/python'), PAST, join(this.folder, 'home-assistant_v2.db')];
    const done = run(INSIDE, words, { env: { ...process.env, HOME_ASSISTANT_DIR: dir } });
    done.child.stdin?.end(JSON.stringify(past));
    await done;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), 60_000);
    await ended;
    clearTimeout(patience);
  }

  async destroy(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #launch(): Promise<void> {
    const dir = installation();
    const console = await open(join(this.folder, 'console.log'), 'a');
    const words = [join(dir, 'venv/bin/python'), '-m', 'homeassistant', '--config', this.folder];
    this.#child = spawn(INSIDE, [...words, '--log-no-color'], {
      env: { ...process.env, HOME_ASSISTANT_DIR: dir },
      stdio: ['ignore', console.fd, console.fd],
    });
    await console.close();
  }

  /** Makes the owner's account and a token, as the page for it does. */
  async #onboard(): Promise<void> {
    const { url } = this;
    await this.#until('the welcome', async () => (await fetch(`${url}/api/onboarding`)).ok);
    const client_id = `${url}/`;
    const { auth_code: code } = await rest<{ auth_code: string }>({ url }, '/api/onboarding/users', {
      ...{ client_id, name: 'Owner', username: 'owner', password: 'not-a-secret', language: 'en' },
    });
    const login = new URLSearchParams({ grant_type: 'authorization_code', code, client_id });
    const { access_token: token } = await rest<{ access_token: string }>({ url }, '/auth/token', login);
    this.token = await command<string>({ url, token }, 'auth/long_lived_access_token', {
      ...{ client_name: 'tests', lifespan: 1 },
    });
  }

  async #running(): Promise<void> {
    await this.#until('being up', async () => {
      const { state } = await rest<{ state: string }>(this, '/api/config');
      return state === 'RUNNING';
    });
  }

  async #until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 120_000;
    for (;;) {
      if (await condition().catch(() => false)) return;
      const gone = this.#child?.exitCode !== null;
      if (gone || Date.now() > end)
        throw new Error(
          `Home Assistant, ${what}: ${gone ? 'it ended' : 'not in time'}:\n${await readFile(join(this.folder, 'console.log'), 'utf8')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
