import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

/** A systemd of its own, with this machine's programs and files; what is written inside is gone with it. */
export interface Box {
  /** Runs a command inside as root, in a clean environment; rejects where it fails. */
  run(command: string, ...words: string[]): Promise<string>;
  /** Whether a command succeeds inside. */
  succeeds(command: string, ...words: string[]): Promise<boolean>;
  /** Copies a directory of this machine, wherever it is, into one inside. */
  bring(directory: string, into: string): Promise<void>;
  /** Puts a file in place inside. */
  write(file: string, text: string): Promise<void>;
  close(): Promise<void>;
}

/** Not below /tmp or /run, which are empty inside. */
const PLACE = '/var/tmp';
const BOOTED_WITHIN_MS = 30_000;
const DOWN_WITHIN_MS = 10_000;

/**
 * Runs in a mount namespace of its own, which takes all of it along when it ends: this machine's root directory
 * below a throw-away layer, cgroups of version 2 whatever the machine has, and systemd as the first process.
 * `$1`: directory for the layer, `$2`: cgroup.
 */
const BOOT = `
mount -t tmpfs -o size=1g layer "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
umount --recursive /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$2"
echo $$ >"/sys/fs/cgroup/$2/cgroup.procs"
exec systemd-nspawn --quiet --boot --directory="$1/root" --machine="$2" --console=pipe \\
  --register=no --keep-unit --link-journal=no systemd.unit=basic.target systemd.log_target=journal`;

/** Why this machine can't boot one, or null; installs what is missing where it may. */
export async function whyNoBox(): Promise<string | null> {
  if (process.platform !== 'linux') return 'systemd is there on Linux only';
  if (process.getuid?.() !== 0) return 'it takes root to boot a systemd';
  const nspawn = await execa('systemd-nspawn', ['--version'], { reject: false });
  if (nspawn.failed) {
    const packages = ['systemd-container', 'dbus'];
    const options = ['-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await execa('apt-get', ['update', '-q'], { reject: false, stdin: 'ignore' });
    const installed = await execa('apt-get', ['install', ...options, ...packages], {
      env,
      reject: false,
      stdin: 'ignore',
    });
    if (installed.failed) return `systemd-nspawn is not there and can't be installed: ${installed.stderr}`;
  }
  const apart = await execa('unshare', ['--mount', '--propagation', 'private', 'true'], { reject: false });
  return apart.failed ? 'this machine allows no mount namespace' : null;
}

export async function bootBox(): Promise<Box> {
  const place = await mkdtemp(join(PLACE, 'systemd-'));
  const layer = join(place, 'layer');
  await mkdir(layer);
  const name = place.split('/').at(-1) ?? 'box';
  const namespace = ['--mount', '--propagation', 'private'];
  const boot = spawn('unshare', [...namespace, 'bash', '-euc', BOOT, 'boot', layer, name.toLowerCase()], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [boot.stdout, boot.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  const inside = (words: string[], input = '') => enter(boot, words, input);
  const close = () => shutDown(boot, place, name.toLowerCase());
  const up = await within(BOOTED_WITHIN_MS, async () => {
    const { stdout } = await inside(['systemctl', 'is-system-running']);
    return /running|degraded/.test(stdout);
  });
  if (!up) {
    await close();
    throw new Error(`systemd did not come up: ${said}`);
  }
  return {
    async run(...words) {
      const { failed, stdout, stderr } = await inside(words);
      if (failed) throw new Error(`${words.join(' ')}: ${stderr}\n${stdout}`);
      return stdout;
    },
    succeeds: async (...words) => !(await inside(words)).failed,
    async bring(directory, into) {
      const { stdout } = await execa('tar', ['-cz', '-C', dirname(directory), basename(directory)], {
        encoding: 'base64',
      });
      const { failed, stderr } = await inside(
        ['sh', '-euc', 'mkdir -p "$0"; base64 -d | tar -xz -C "$0"', into],
        stdout,
      );
      if (failed) throw new Error(`${directory} can't be brought in: ${stderr}`);
    },
    async write(file, text) {
      await inside(['sh', '-euc', 'mkdir -p "$(dirname "$0")"; cat >"$0"', file], text);
    },
    close,
  };
}

const SPACES = ['--mount', '--pid', '--ipc', '--uts', '--cgroup', '--root', '--wdns=/'];
const CLEAN = ['env', '--ignore-environment', 'HOME=/root', 'LANG=C.UTF-8', 'SYSTEMD_COLORS=0'];

async function enter(boot: ChildProcess, words: string[], input: string) {
  const first = await firstProcess(boot);
  if (first === null) return { failed: true, stdout: '', stderr: 'systemd is not there' };
  const command = [...CLEAN, `PATH=${process.env.PATH ?? ''}:/usr/sbin:/sbin`, ...words];
  return execa('nsenter', ['--target', first, ...SPACES, ...command], { reject: false, input });
}

/** The box's first process, as this machine counts. */
async function firstProcess(boot: ChildProcess): Promise<string | null> {
  const children = await readFile(`/proc/${boot.pid}/task/${boot.pid}/children`, 'utf8').catch(() => '');
  return children.trim().split(' ')[0] || null;
}

async function shutDown(boot: ChildProcess, place: string, cgroup: string): Promise<void> {
  const gone = boot.exitCode === null && boot.signalCode === null ? once(boot, 'exit') : Promise.resolve();
  const first = await firstProcess(boot);
  // systemd in a container powers off on SIGRTMIN+4 (systemd(1)).
  if (first !== null) await execa('kill', ['-s', 'RTMIN+4', first], { reject: false });
  const late = setTimeout(() => boot.kill('SIGKILL'), DOWN_WITHIN_MS);
  await gone;
  clearTimeout(late);
  const cgroups = ['/sys/fs/cgroup', '-depth', '-type', 'd', '-path', `*/${cgroup}*`];
  await execa('find', [...cgroups, '-exec', 'rmdir', '{}', '+'], { reject: false });
  await rm(place, { recursive: true, force: true });
}

async function within(milliseconds: number, holds: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > end) return false;
    await sleep(100);
  }
  return true;
}
