import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

/** Images and caches of an engine that these tests start stay here, so that the next run is quick. */
const KEPT = '/var/cache/plot2mqtt-test-engine';
const UP_WITHIN_MS = 30_000;
const FORWARDING = '/proc/sys/net/ipv4/ip_forward';

export interface Engine {
  /** How Compose is called here. */
  compose: [string, ...string[]];
  /** Stops the engine if these tests started it, and puts the network back as it was. */
  stop(): Promise<void>;
}

/** A container engine: the machine's own, else Debian's, started for these tests. Or why there can't be one. */
export async function startEngine(): Promise<Engine | string> {
  if (process.platform !== 'linux') return 'these tests start containers on Linux only';
  let stop = async () => {};
  if (!(await answers())) {
    if (process.getuid?.() !== 0) return 'no container engine answers, and it takes root to start one';
    const problem = await install({ dockerd: 'docker.io', iptables: 'iptables' });
    if (problem !== null) return problem;
    const started = await startDaemon();
    if (typeof started === 'string') return started;
    stop = started;
  }
  const compose = await findCompose();
  if (compose !== null) return { compose, stop };
  await stop();
  return 'there is no Compose, and it can’t be installed';
}

const answers = async () => !(await execa('docker', ['info'], { reject: false })).failed;

async function isThere(command: string): Promise<boolean> {
  return !(
    await execa('sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin command -v "$0"', command], { reject: false })
  ).failed;
}

/** Installs Debian's packages of the commands that aren't there; says what went wrong. */
export async function install(packages: Readonly<Record<string, string>>): Promise<string | null> {
  const missing: string[] = [];
  for (const [command, name] of Object.entries(packages)) if (!(await isThere(command))) missing.push(name);
  if (missing.length === 0) return null;
  if (process.getuid?.() !== 0) return `it takes root to install ${missing.join(', ')}`;
  const quiet = { env: { DEBIAN_FRONTEND: 'noninteractive' }, stdin: 'ignore', reject: false } as const;
  await execa('apt-get', ['update', '-q'], quiet);
  const options = ['-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  const installed = await execa('apt-get', ['install', ...options, ...missing], quiet);
  return installed.failed
    ? `${missing.join(', ')} can't be installed: ${installed.stderr.slice(-500)}`
    : null;
}

async function startDaemon(): Promise<string | (() => Promise<void>)> {
  mkdirSync(KEPT, { recursive: true });
  const forwarding = await readFile(FORWARDING, 'utf8');
  const { stdout: rules } = await execa('iptables-save', { reject: false });
  const log = openSync(join(KEPT, 'dockerd.log'), 'w');
  const places = ['--data-root', join(KEPT, 'data'), '--exec-root', join(KEPT, 'run')];
  const daemon = spawn('dockerd', [...places, '--pidfile', join(KEPT, 'dockerd.pid')], {
    stdio: ['ignore', log, log],
    detached: true,
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  const exited = once(daemon, 'exit');
  const stop = async () => {
    daemon.kill('SIGTERM');
    await exited;
    // The engine leaves its bridge, its rules and forwarding behind.
    await execa('ip', ['link', 'delete', 'docker0'], { reject: false });
    await execa('iptables-restore', { input: rules, reject: false });
    await writeFile(FORWARDING, forwarding);
  };
  for (const end = Date.now() + UP_WITHIN_MS; Date.now() < end && daemon.exitCode === null; await sleep(200))
    if (await answers()) return stop;
  if (daemon.exitCode === null) await stop();
  const said = await readFile(join(KEPT, 'dockerd.log'), 'utf8');
  return `the container engine does not come up: ${said.slice(-500)}`;
}

async function findCompose(): Promise<Engine['compose'] | null> {
  const works = async (...words: [string, ...string[]]) =>
    (await execa(words[0], [...words.slice(1), 'version'], { reject: false })).failed ? null : words;
  const there = (await works('docker', 'compose')) ?? (await works('docker-compose'));
  if (there !== null) return there;
  return (await install({ 'docker-compose': 'docker-compose' })) === null ? works('docker-compose') : null;
}
