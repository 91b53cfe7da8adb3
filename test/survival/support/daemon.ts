import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';

/** A daemon that runs the built program, to be killed again and again. */
export interface DaemonProcess {
  pid: number;
  /** The last that it has printed. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with its exit code, `null` where a signal ended it. */
  exited: Promise<number | null>;
  running(): boolean;
}

/** How much of its output is kept, in characters. */
const OUTPUT = 100_000;

/** Starts the daemon on a configuration, in that file's folder. It is gone after the test, also where that fails. */
export function spawnDaemon(config: string): DaemonProcess {
  const child = spawn(process.execPath, [inject('program'), 'run', '--config', config], {
    cwd: join(config, '..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // One that lived on would be another daemon at the broker that gets its port next.
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-OUTPUT);
    });
  const exited = once(child, 'close').then(() => child.exitCode);
  return {
    pid: child.pid ?? 0,
    output: () => text,
    signal: (signal) => void child.kill(signal),
    exited,
    running: () => child.exitCode === null && child.signalCode === null,
  };
}

/** Asks it to stop, and waits. */
export function stopDaemon(daemon: DaemonProcess): Promise<number | null> {
  daemon.signal('SIGTERM');
  return daemon.exited;
}
