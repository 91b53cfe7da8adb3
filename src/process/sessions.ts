import { readdirSync, readFileSync } from 'node:fs';
import { isZombie, statFields } from '../host/process-identity.ts';
import { MARKS } from './process-table.ts';

/** Of /proc/<pid>/stat, from the state on (proc(5)). */
const SESSION = 3;

/**
 * The sessions in which living processes carry this worker's id, each with one of them. Looks at every process of the
 * host at once, on Linux only: for the start, before anything is followed. Throws where that can't be told now.
 */
export function sessionsOf(worker: string): { session: number; pid: number }[] {
  if (process.platform !== 'linux' || worker === '') return [];
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!/^\d+$/.test(name) || !environmentOf(pid).includes(`${MARKS.worker}=${worker}`)) continue;
    const fields = statFields(pid);
    if (fields !== null && !isZombie(fields)) found.set(Number(fields[SESSION]), pid);
  }
  return [...found].map(([session, pid]) => ({ session, pid }));
}

/** Empty where it is another account's, or gone. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
