import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { killAllWith } from '../../support/e2e/processes.ts';
import { freePort, type Mosquitto, startMosquitto } from '../../support/mosquitto.ts';
import type { Bench } from './case.ts';
import { connect, heard } from './client.ts';

export type Broker = 'mosquitto' | 'embedded';
export type Config = Record<string, unknown>;

/** A daemon under measurement, in a folder of its own. */
export class Daemon {
  readonly dir: string;
  readonly url: string;
  readonly #bench: Bench;
  readonly #mosquitto: Mosquitto | undefined;
  readonly #marker = randomUUID();
  #child: ChildProcess | undefined;
  #client: MqttClient | undefined;

  constructor(bench: Bench, dir: string, url: string, mosquitto: Mosquitto | undefined) {
    this.#bench = bench;
    this.dir = dir;
    this.url = url;
    this.#mosquitto = mosquitto;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** A client that hears what the daemon says below `plot2mqtt/`. */
  get client(): MqttClient {
    if (!this.#client) throw new Error('not connected');
    return this.#client;
  }

  /**
   * Starts the program, not waiting for anything.
   * @param preload modules that run in its process before it
   */
  spawn(preload: readonly string[] = []): ChildProcess {
    const log = openSync(join(this.dir, 'daemon.log'), 'a');
    const { program, profiles } = this.#bench;
    const profiling = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profiles)}`];
    this.#child = spawn(
      process.execPath,
      [
        ...profiling,
        ...preload.map((file) => `--import=${file}`),
        program,
        'run',
        '--config',
        join(this.dir, 'config.yaml'),
      ],
      {
        cwd: this.dir,
        env: { ...process.env, PLOT2MQTT_BENCH: this.#marker },
        stdio: ['ignore', log, log],
      },
    );
    this.#child.once('exit', (code) => {
      if (code !== 0 && code !== null) this.#bench.say(readFileSync(join(this.dir, 'daemon.log'), 'utf8'));
    });
    return this.#child;
  }

  /** Starts the program and waits until it is online. */
  async start(preload: readonly string[] = []): Promise<void> {
    this.spawn(preload);
    this.#client ??= await connect(this.url);
    const online = heard(
      this.#client,
      (topic, text) => topic === 'plot2mqtt/bridge/state' && text === 'online',
    );
    await this.#client.subscribeAsync('plot2mqtt/bridge/state', { qos: 1 });
    await online;
  }

  /** Publishes a command and waits for its answer. */
  async command(rest: string, payload: string): Promise<string> {
    let answer = '';
    const topic = `plot2mqtt/bridge/response/${rest}`;
    await this.client.subscribeAsync(topic, { qos: 1 });
    const answered = heard(this.client, (on, text) => {
      answer = text;
      return on === topic;
    });
    this.client.publish(`plot2mqtt/${rest}`, payload, { qos: 1 });
    await answered;
    return answer;
  }

  /** Starts workers of a job by hand, and waits until each has its plotter; their ids, by slot. */
  async workers(job: string, count: number): Promise<string[]> {
    const ids: string[] = [];
    const topic = `plot2mqtt/job/${job}/event/plotter_started`;
    const all = new Promise<void>((resolve) => {
      this.client.on('message', (on, payload) => {
        if (on !== topic) return;
        const { worker, slot }: { worker: string; slot: number } = JSON.parse(payload.toString());
        ids[slot - 1] = worker;
        if (ids.filter(Boolean).length === count) resolve();
      });
    });
    await this.client.subscribeAsync(topic, { qos: 1 });
    const answer = await this.command(`job/${job}/do/start`, String(count));
    if (!answer.startsWith('{"status":"ok"')) throw new Error(answer);
    await all;
    await this.client.unsubscribeAsync(topic);
    return ids;
  }

  /** A worker's log, as its plotter writes it. */
  log(worker: string): string {
    return join(this.dir, 'data', 'workers', worker, 'plotter.log');
  }

  write(worker: string, text: string): void {
    appendFileSync(this.log(worker), text);
  }

  /** Ends everything that it has started. */
  async destroy(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    killAllWith(`PLOT2MQTT_BENCH=${this.#marker}`);
    this.#client?.end(true);
    await this.#mosquitto?.stop();
    await sleep(50);
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A daemon with this configuration, not started yet. `tmp` and `plots` are there. */
export async function prepare(bench: Bench, broker: Broker, config: Config): Promise<Daemon> {
  const dir = await mkdtemp(join(tmpdir(), 'plot2mqtt-bench-'));
  for (const name of ['tmp', 'plots']) if (!existsSync(join(dir, name))) mkdirSync(join(dir, name));
  const mosquitto = broker === 'mosquitto' ? await startMosquitto({ config: MOSQUITTO }) : undefined;
  const port = mosquitto?.port ?? (await freePort());
  const mqtt =
    broker === 'mosquitto'
      ? { broker: `mqtt://127.0.0.1:${port}` }
      : { broker: 'embedded', embedded: { listen: `127.0.0.1:${port}` } };
  const text = JSON.stringify({ mqtt, log_level: 'warn', ...config });
  writeFileSync(join(dir, 'config.yaml'), text);
  return new Daemon(bench, dir, `mqtt://127.0.0.1:${port}`, mosquitto);
}

/** So that nothing is thrown away by the broker, on whichever side. */
const MOSQUITTO = 'allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0';

/** Keys that are nobody's. */
export const KEYS = { farmer_key: '0'.repeat(96), pool_key: '0'.repeat(96) };

/** A plotter whose log is written by the case: each line `Stage 7` begins stage 1.7 of so many. */
export function steppingPlotter(stages: number, command = ': "$@"; exec sleep 100000') {
  return {
    title: 'Steps',
    command,
    arguments: {},
    stages: [
      { id: '1', title: 'All' },
      ...Array.from({ length: stages }, (_, index) => ({ id: `1.${index + 1}`, title: `Step ${index + 1}` })),
    ],
    patterns: [
      { match: '^Stage (?<n>\\d+)$', enter: '1.{n}' },
      { match: '^Wrote (?<file>.+)$', final_file: true },
    ],
  };
}
