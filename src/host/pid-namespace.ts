import { readlinkSync } from 'node:fs';
import { bootId, statFields } from './process-identity.ts';

/** Of /proc/<pid>/stat, from the state on (proc(5)). */
const START_TICKS = 19;

/** What took a process along with it when it ended: a restart of the host, or the container around it. */
export const SURROUNDS = ['host', 'container'] as const;
export type Surrounds = (typeof SURROUNDS)[number];

let known: { name: string | null; firstStart: number | null } | undefined;

/**
 * Which PID namespace this program is in: `<number>.<start of its first process>`. The kernel gives numbers again,
 * and a container that is restarted may get the same one. Null where the system has no such thing.
 */
export function pidNamespace(): string | null {
  return ownNamespace().name;
}

/** The same, `host` where the system has no such thing: a host is one then. Process ids mean something only inside it. */
export function placeOfProcessIds(): string {
  return pidNamespace() ?? 'host';
}

/**
 * What must have ended a process that was started by this identity (see process-identity.ts) in this namespace, since
 * it isn't around here: null where it would be in this same host's run and namespace. One whose namespace isn't known
 * (`null`) is of an earlier one where it is older than the first process here.
 */
export function endedWith(identity: string, namespace: string | null): Surrounds | null {
  const [boot = '', start = ''] = identity.split(':');
  if (boot !== bootId()) return 'host';
  const own = ownNamespace();
  if (own.name === null) return null;
  if (namespace !== null) return namespace === own.name ? null : 'container';
  return own.firstStart !== null && Number(start) < own.firstStart ? 'container' : null;
}

function ownNamespace(): { name: string | null; firstStart: number | null } {
  known ??= readNamespace();
  return known;
}

function readNamespace(): { name: string | null; firstStart: number | null } {
  if (process.platform !== 'linux') return { name: null, firstStart: null };
  const number = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  // Where others' processes are hidden the number alone must do.
  const start = statFields(1)?.[START_TICKS];
  return { name: `${number}.${start ?? ''}`, firstStart: start === undefined ? null : Number(start) };
}
