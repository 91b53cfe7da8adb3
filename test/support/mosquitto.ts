import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function findMosquitto(): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  for (const folder of folders) {
    const file = join(folder, 'mosquitto');
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The next one, then.
    }
  }
  throw new Error('These tests need the broker Mosquitto: install the package "mosquitto".');
}

export interface Mosquitto {
  port: number;
  url: string;
  /** Asks it to end, waits, and removes its folder. */
  stop(): Promise<void>;
  /** SIGKILL; what it retained is lost. */
  kill(): Promise<void>;
  /** Starts it again, on the same port, after `kill` (or kills it first). */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open, and nothing comes any more. */
  freeze(): void;
  thaw(): void;
}

/** Starts a real Mosquitto on a free port. `config`: lines for its configuration, in place of anonymous access. */
export async function startMosquitto(options: { config?: string; port?: number } = {}): Promise<Mosquitto> {
  const program = findMosquitto();
  const port = options.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'mosquitto-'));
  const file = join(folder, 'mosquitto.conf');
  const access = options.config ?? 'allow_anonymous true';
  await writeFile(file, `listener ${port} 127.0.0.1\nset_tcp_nodelay true\nuser root\n${access}\n`);
  let child: ChildProcess | undefined;

  const start = async () => {
    const started = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    started.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child = started;
    await reachable(port, () => {
      if (started.exitCode !== null) throw new Error(`Mosquitto ended: ${said}`);
    });
  };
  const end = async (signal: NodeJS.Signals) => {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    if (signal !== 'SIGKILL') ending.kill('SIGCONT');
    await exited;
  };

  await start();
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGKILL');
      await start();
    },
    async stop() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  };
}

/** Waits until something accepts connections on a port. */
async function reachable(port: number, check: () => void): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    check();
    const socket = net.connect(port, '127.0.0.1');
    const there = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Nothing listens on port ${port}.`);
}
