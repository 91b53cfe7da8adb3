import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import * as z from 'zod';
import { freePort } from '../mosquitto.ts';
import type { FlowNode } from './flows.ts';
import { kitDir } from './places.mjs';

const PATIENCE_MS = 60_000;
const API = { 'Node-RED-API-Version': 'v2', 'Content-Type': 'application/json', Accept: 'application/json' };

const modules = z.array(z.object({ types: z.array(z.string()) }));
const news = z.object({ topic: z.string().optional(), data: z.unknown().optional() });
const status = z.object({ text: z.string().optional() });

/** A Node-RED of a test's own, without flows at first. */
export class NodeRed {
  readonly url: string;
  readonly #folder: string;
  readonly #child: ChildProcess;
  #socket: WebSocket | undefined;
  /** What it printed. */
  log = '';
  /** The text below each node, by the node's id. */
  readonly status = new Map<string, string>();

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url;
    this.#folder = folder;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.log += chunk.toString();
      });
  }

  static async start(): Promise<NodeRed> {
    const kit = join(kitDir(), 'node_modules');
    if (!existsSync(join(kitDir(), 'installed')))
      throw new Error('This test needs: node test/support/node-red/setup.mjs');
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), 'node-red-'));
    // Nodes that are installed beside it are found in its own folder.
    await symlink(kit, join(folder, 'node_modules'));
    const settings = join(import.meta.dirname, 'settings.cjs');
    const words = [join(kit, 'node-red/red.js'), '--settings', settings, '--userDir', folder];
    const child = spawn(join(kit, '.bin/node'), [...words, '--port', String(port)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const nodeRed = new NodeRed(`http://127.0.0.1:${port}`, folder, child);
    try {
      await nodeRed.#until('an answer', async () => (await fetch(`${nodeRed.url}/flows`)).ok);
      await nodeRed.#watch();
    } catch (error) {
      await nodeRed.stop();
      throw error;
    }
    return nodeRed;
  }

  /** Deploys flows in place of those there were, as the editor's button does. */
  async deploy(flows: FlowNode[]): Promise<void> {
    const listed = await fetch(`${this.url}/nodes`, { headers: API });
    const known = new Set(modules.parse(await listed.json()).flatMap(({ types }) => types));
    // Unknown nodes are no error to Node-RED: it answers 200, and runs nothing.
    const ofEditor = /^(tab|subflow(:.*)?)$/;
    const unknown = flows.map(({ type }) => type).filter((type) => !ofEditor.test(type) && !known.has(type));
    if (unknown.length > 0) throw new Error(`unknown nodes: ${unknown.join(', ')}`);
    this.status.clear();
    const headers = { ...API, 'Node-RED-Deployment-Type': 'full' };
    const answer = await fetch(`${this.url}/flows`, {
      ...{ method: 'POST', headers, body: JSON.stringify({ flows }) },
    });
    if (!answer.ok) throw new Error(`deploy: ${answer.status} ${await answer.text()}`);
    await this.connected(flows);
  }

  /** Waits until it has connected again, after something that cut its connection. */
  async reconnected(cut: () => Promise<unknown>): Promise<void> {
    const connections = () => this.log.split('Connected to broker').length;
    const before = connections();
    await cut();
    await this.#until('another connection', async () => connections() > before);
  }

  /** What it printed since the first deploy: what it says of a fresh folder is no flow's fault. */
  sinceDeploy(): string {
    return this.log.slice(this.log.indexOf('Updated flows'));
  }

  /** Waits until every MQTT node is connected; those of a subflow are others in each place where it is used. */
  async connected(flows: FlowNode[]): Promise<void> {
    const inSubflow = new Set(flows.filter(({ type }) => type === 'subflow').map(({ id }) => id));
    const nodes = flows.filter(({ type, z }) => /^mqtt (in|out)$/.test(type) && !inSubflow.has(z ?? ''));
    await this.#until('a connection to the broker', async () =>
      nodes.every(({ id }) => this.status.get(id)?.endsWith('.connected')),
    );
  }

  async stop(): Promise<void> {
    this.#socket?.terminate();
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #watch(): Promise<void> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/comms`);
    this.#socket = socket;
    socket.on('message', (text) => {
      for (const message of [JSON.parse(text.toString())].flat()) {
        const { topic, data } = news.parse(message);
        if (topic?.startsWith('status/'))
          this.status.set(topic.slice('status/'.length), status.parse(data).text ?? '');
      }
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ subscribe: 'status/#' }));
  }

  async #until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!(await condition().catch(() => false))) {
      if (this.#child.exitCode !== null) throw new Error(`Node-RED ended:\n${this.log}`);
      if (Date.now() > end) throw new Error(`Node-RED, ${what}: not in time\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
