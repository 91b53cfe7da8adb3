import { spawnSync } from 'node:child_process';

/** Another user's namespaces need no root, where the kernel allows them. */
const ROOTLESS = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
/** In a PID namespace of its own, which ends with this command, as a container does; under another host name. */
const APART = ['unshare', ...ROOTLESS, '--pid', '--fork', '--kill-child', '--mount-proc', '--uts'];

/** Words before a command that is to run as in a container of this host name; `prepare` is shell, run before it. */
export function inContainer(name: string, prepare = ':'): string[] {
  return [...APART, 'sh', '-c', `hostname ${name} && ${prepare} && exec "$@"`, 'sh'];
}

/** Why there are no containers of this kind here, or null. */
export const NO_CONTAINERS: string | null = tryIt();

function tryIt(): string | null {
  if (process.platform !== 'linux') return 'PID namespaces are there on Linux only';
  const [file = '', ...words] = inContainer('box', 'mount -t tmpfs none /mnt');
  const { status, stderr, error } = spawnSync(file, [...words, 'true'], { encoding: 'utf8' });
  return status === 0 ? null : `no PID namespaces: ${error?.message ?? stderr}`;
}

if (NO_CONTAINERS !== null) console.warn(`\nNO PROOF OF ANYTHING ACROSS PID NAMESPACES: ${NO_CONTAINERS}\n`);
