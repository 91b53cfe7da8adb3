import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inject, onTestFailed, onTestFinished } from 'vitest';
import { freePort, type Mosquitto, startMosquitto } from '../mosquitto.ts';
import { Bus, retainedOn } from './bus.ts';
import { killAllWith, processesWith, type Seen } from './processes.ts';

/** What a configuration may say; what isn't said is as in `basics`. */
export type ConfigInput = Record<string, unknown>;

export const BROKERS = ['embedded', 'mosquitto'] as const;
export type BrokerKind = (typeof BROKERS)[number];

export interface DaemonOptions {
  config?: ConfigInput;
  /** `mqtt.base_topic`, which the bus goes by too. */
  base?: string;
  /** Another daemon, whose broker this one uses too. */
  beside?: TestDaemon;
  /** Which broker the daemon uses; `none`: as the configuration says. */
  broker?: BrokerKind | 'none';
  /** Lines for Mosquitto's configuration, in place of anonymous access. */
  mosquitto?: string;
  env?: Record<string, string>;
  /** Files to write before the start, relative to the daemon's directory. */
  files?: Record<string, string>;
}

/** Runs the program with some words, to its end. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Keys that are nobody's; the simulator takes them. */
export const KEYS = { farmer_key: '0'.repeat(96), pool_key: '0'.repeat(96) };

/** A daemon of one test, with everything that it started gone after the test. */
export class TestDaemon {
  readonly dir: string;
  readonly url: string;
  readonly mosquitto: Mosquitto | undefined;
  readonly #base: string;
  readonly #basics: ConfigInput;
  readonly #env: Record<string, string>;
  readonly #marker: string;
  #child: ChildProcess | undefined;
  #bus: Bus | undefined;
  /** What the daemon said, line by line, over all its runs. */
  readonly said: string[] = [];
  /** Words before the program: `setpriv --reuid 65534`, say. */
  through: string[] = [];

  constructor(made: {
    dir: string;
    url: string;
    mosquitto: Mosquitto | undefined;
    base: string;
    basics: ConfigInput;
    env: Record<string, string>;
  }) {
    this.dir = made.dir;
    this.url = made.url;
    this.mosquitto = made.mosquitto;
    this.#base = made.base;
    this.#basics = made.basics;
    this.#marker = `PLOT2MQTT_TEST=${randomUUID()}`;
    const [name = '', value = ''] = this.#marker.split('=');
    this.#env = { ...made.env, [name]: value };
  }

  get bus(): Bus {
    if (!this.#bus) throw new Error('the daemon is not connected yet');
    return this.#bus;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Of the daemon that was started last; null while it runs. */
  get exitCode(): number | null {
    return this.#child?.exitCode ?? null;
  }

  /** An absolute name in the daemon's directory. */
  path(...names: string[]): string {
    return join(this.dir, ...names);
  }

  get configFile(): string {
    return this.path('config.yaml');
  }

  /** The lines of a file in the daemon's directory; none where it isn't there. */
  async lines(...names: string[]): Promise<string[]> {
    const text = await readFile(this.path(...names), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  /** Writes config.yaml: JSON is YAML. */
  async configure(config: ConfigInput): Promise<void> {
    await writeFile(this.configFile, JSON.stringify(merge(this.#basics, config), null, 2));
  }

  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.#env };
  }

  /** Starts the daemon; `online` is waited for elsewhere. */
  launch(): ChildProcess {
    const program = [process.execPath, inject('program'), 'run', '--config', this.configFile];
    const [file = '', ...words] = [...this.through, ...program];
    const child = spawn(file, words, {
      cwd: this.dir,
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => this.said.push(...chunk.toString().split('\n').filter(Boolean)));
    this.#child = child;
    return child;
  }

  /** Starts the daemon and waits until it is online. */
  async start(): Promise<this> {
    const child = this.launch();
    let gone = false;
    const ended = once(child, 'exit').then(() => {
      gone = true;
      throw new Error(`the daemon ended:\n${this.said.join('\n')}`);
    });
    ended.catch(() => {});
    const from = this.#bus?.mark() ?? 0;
    const online = async () => {
      const known = this.#bus !== undefined;
      this.#bus ??= await Bus.connect(this.url, this.#base);
      await this.#bus.message('bridge/state', (text) => text === 'online', from);
      const together = this.mosquitto === undefined && !known;
      if (together) await this.#bus.caughtUp(await retainedOn(this.url));
    };
    await Promise.race([online(), ended]);
    if (gone) await ended;
    return this;
  }

  /** Runs another command of the program beside the daemon, to its end. */
  async run(
    words: readonly string[],
    options: { wrapper?: readonly string[]; env?: Record<string, string> } = {},
  ): Promise<Ended> {
    const [file = '', ...rest] = [...(options.wrapper ?? []), process.execPath, inject('program'), ...words];
    const child = spawn(file, rest, {
      cwd: this.dir,
      env: { ...this.environment, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended: Ended = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (ended.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (ended.stderr += chunk.toString()));
    const [code] = await once(child, 'close');
    return { ...ended, code: typeof code === 'number' ? code : null };
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Sends a signal and waits for the end; answers the exit code, `null` after SIGKILL. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  /** Kills the daemon as a crash would, and starts it again. */
  async restart(signal: NodeJS.Signals = 'SIGKILL'): Promise<this> {
    await this.kill(signal);
    return this.start();
  }

  stop(): Promise<number | null> {
    return this.kill('SIGTERM');
  }

  /** Everything alive that this daemon started, itself included. */
  alive(): Seen[] {
    return processesWith(this.#marker);
  }

  /** Processes of a worker: the wrapper and what it runs. */
  workerProcesses(worker: string): Seen[] {
    return processesWith(`PLOT2MQTT_WORKER=${worker}`);
  }

  async destroy(): Promise<void> {
    await this.kill();
    killAllWith(this.#marker);
    await this.#bus?.end();
    await this.mosquitto?.stop();
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

function isObject(value: unknown): value is ConfigInput {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merge(base: ConfigInput, change: ConfigInput): ConfigInput {
  const merged = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return merged;
}

/** Prepares a daemon in a fresh directory with `tmp` and `plots` in it, and doesn't start it. */
export async function prepareDaemon(options: DaemonOptions = {}): Promise<TestDaemon> {
  const { beside, base = 'plot2mqtt', config = {}, env = {}, files = {} } = options;
  const broker = beside ? 'beside' : (options.broker ?? 'embedded');
  const dir = await mkdtemp(join(tmpdir(), 'plot2mqtt-e2e-'));
  await Promise.all([mkdir(join(dir, 'tmp')), mkdir(join(dir, 'plots'))]);
  const mosquitto =
    broker === 'mosquitto'
      ? await startMosquitto(options.mosquitto === undefined ? {} : { config: options.mosquitto })
      : undefined;
  const port = mosquitto?.port ?? (await freePort());
  const url = beside?.url ?? `mqtt://127.0.0.1:${port}`;
  const settings = {
    beside: { broker: url },
    embedded: { broker: 'embedded', embedded: { listen: `127.0.0.1:${port}` } },
    mosquitto: { broker: url },
    none: {},
  };
  const basics = {
    mqtt: {
      progress_interval: 0,
      ...(options.base !== undefined && { base_topic: base }),
      ...settings[broker],
    },
    homeassistant: { discovery: false },
    defaults: { ...KEYS, temp_dir: 'tmp', dest_dir: 'plots' },
  };
  const daemon = new TestDaemon({ dir, url, mosquitto, base, basics, env });
  onTestFailed(() => console.log(`The daemon in ${dir} said:\n${daemon.said.slice(-60).join('\n')}`));
  onTestFinished(() => daemon.destroy());
  await daemon.configure(config);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(daemon.path(name)), { recursive: true });
    await appendFile(daemon.path(name), text);
  }
  return daemon;
}

/** A daemon that is online. */
export async function startDaemon(options: DaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await prepareDaemon(options);
  return daemon.start();
}
