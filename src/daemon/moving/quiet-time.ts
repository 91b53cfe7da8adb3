import { readlinkSync } from 'node:fs';

/** The number of a host's own PID namespace (include/linux/proc_ns.h): in another one its other processes can't be seen. */
const HOSTS_OWN = 'pid:[4026531836]';

const QUIET_MS = 60_000;
const BLIND_MS = 10 * 60_000;

/**
 * How long a plot of another program must not have changed before it is moved (contract, section 10): where this
 * account can't see what files the processes of others have open, longer.
 */
export function quietTime(): number {
  return seesAllProcesses() ? QUIET_MS : BLIND_MS;
}

function seesAllProcesses(): boolean {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return false;
  try {
    return readlinkSync('/proc/self/ns/pid') === HOSTS_OWN;
  } catch {
    return false;
  }
}
