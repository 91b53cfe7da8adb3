import { readlinkSync } from 'node:fs';

/** Where there are no namespaces, a host is one. */
const NO_NAMESPACE = 'host';

/**
 * The PID namespace of this process, as the kernel numbers it: process ids mean something only inside one. The number
 * is unique among the living ones of one boot, and given again afterwards (pid_namespaces(7)).
 */
export function pidNamespace(): string {
  if (process.platform !== 'linux') return NO_NAMESPACE;
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return NO_NAMESPACE;
  }
}
