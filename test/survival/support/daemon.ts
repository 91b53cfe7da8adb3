import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const built = fileURLToPath(new URL('../../../dist/', import.meta.url));

/**
 * The built program, in a copy of its own, so that a build that begins meanwhile takes nothing from under a daemon;
 * or the one that PLOT2MQTT_MAIN names.
 */
function programOf(): string {
  if (process.env.PLOT2MQTT_MAIN !== undefined) return process.env.PLOT2MQTT_MAIN;
  if (!existsSync(join(built, 'main.js'))) throw new Error('Build it first: npm run build');
  const copy = mkdtempSync(join(tmpdir(), 'plot2mqtt-dist-'));
  cpSync(built, copy, { recursive: true });
  process.on('exit', () => spawnRemoval(copy));
  return join(copy, 'main.js');
}

function spawnRemoval(folder: string): void {
  spawn('rm', ['-rf', folder], { stdio: 'ignore', detached: true }).unref();
}

export const MAIN = programOf();
/** The folder in which `plot2mqtt` is a command. */
export const BIN = join(MAIN, '..', 'bin');

/** A daemon that runs the built program. */
export interface DaemonProcess {
  pid: number;
  /** Everything that it has printed so far. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with how it ended. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  running(): boolean;
}

export interface DaemonOptions {
  env?: Record<string, string>;
  /** Words before the program: `setpriv --reuid 1000`, `faketime`, … */
  through?: string[];
  /** What is done after reading the configuration; default `run`. */
  words?: string[];
}

/** Starts the daemon on a configuration, in that file's folder. */
export function spawnDaemon(config: string, options: DaemonOptions = {}): DaemonProcess {
  const [file = '', ...words] = [
    ...(options.through ?? []),
    process.execPath,
    MAIN,
    ...(options.words ?? ['run']),
    '--config',
    config,
  ];
  const child: ChildProcess = spawn(file, words, {
    cwd: join(config, '..'),
    env: { ...process.env, NODE_OPTIONS: '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-4 * 1024 * 1024);
    });
  const exited = once(child, 'close').then(() => ({ code: child.exitCode, signal: child.signalCode }));
  return {
    pid: child.pid ?? 0,
    output: () => text,
    signal: (signal) => void child.kill(signal),
    exited,
    running: () => child.exitCode === null && child.signalCode === null,
  };
}

/** Asks it to stop, and waits. */
export async function stopDaemon(daemon: DaemonProcess): Promise<number | null> {
  daemon.signal('SIGTERM');
  return (await daemon.exited).code;
}
