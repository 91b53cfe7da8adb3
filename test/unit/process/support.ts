import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, expect } from 'vitest';
import { processFiles } from '../../../src/process/files.ts';
import type { LaunchSpec } from '../../../src/process/launch.ts';

const directories: string[] = [];
const groups: number[] = [];

afterEach(() => {
  for (const group of groups.splice(0)) killGroup(group);
  for (const dir of directories.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** A directory of its own, gone after the test. */
export function makeDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'plot2mqtt-process-'));
  directories.push(dir);
  return dir;
}

/** Whatever is left of this group is killed after the test. */
export function killAfterwards(group: number): void {
  groups.push(group);
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It is gone, as it should be.
  }
}

let workers = 0;

/** What to launch: this snippet as the plotter of a worker of its own. */
export function specOf(snippet: string, more: Partial<LaunchSpec> = {}): LaunchSpec {
  const dir = more.dir ?? makeDir();
  workers += 1;
  return {
    dir,
    kind: 'plotter',
    snippet,
    env: { PLOT2MQTT_WORKER: `test-${process.pid}-${workers}` },
    cwd: dir,
    ...more,
  };
}

/** What it has printed so far. */
export function logOf(spec: LaunchSpec): string {
  return readFileSync(processFiles(spec.dir, spec.kind).log, 'utf8');
}

/** Resolves once the log contains this text. */
export async function printed(spec: LaunchSpec, text: string): Promise<void> {
  const { log } = processFiles(spec.dir, spec.kind);
  await expect.poll(() => existsSync(log) && logOf(spec), { timeout: 10_000, interval: 10 }).toContain(text);
}

/** Whether a process of this id runs (a zombie doesn't). */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || !/\) [ZX] /.test(statOf(pid));
}

/** /proc/<pid>/stat; a process that goes meanwhile reads as dead. */
export function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return ') X ';
  }
}

let launcher: string | undefined;

afterAll(() => {
  if (launcher !== undefined) rmSync(dirname(launcher), { recursive: true, force: true });
  launcher = undefined;
});

/**
 * Another program that launches this and then stays: what a daemon that is killed was. With a directory it has a stock
 * of wrappers there, from which it takes this one.
 */
export async function launchByAnother(
  spec: LaunchSpec,
  stock = '',
): Promise<{ daemon: ChildProcess; pid: number }> {
  launcher ??= await bundleLauncher();
  const daemon = spawn(process.execPath, [launcher, JSON.stringify(spec), stock], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await once(daemon.stdout, 'data');
  const pid = Number(output);
  killAfterwards(pid);
  return { daemon, pid };
}

async function bundleLauncher(): Promise<string> {
  const outfile = join(mkdtempSync(join(tmpdir(), 'plot2mqtt-launcher-')), 'launcher.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../../fixtures/process/launcher.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return outfile;
}

/** Kills a program outright, and waits until it is gone. */
export async function kill(daemon: ChildProcess): Promise<void> {
  daemon.kill('SIGKILL');
  await once(daemon, 'exit');
}
