import { readdirSync, readFileSync } from 'node:fs';

/** What /proc says of a process. */
export interface Seen {
  pid: number;
  /** `R`, `S`, `T` (stopped), `Z` and so on. */
  state: string;
  group: number;
  nice: number;
  command: string;
}

/** A process, `null` where there is none of that id. */
export function seen(pid: number): Seen | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const [state = '', , group = ''] = fields;
    return { pid, state, group: Number(group), nice: Number(fields[16]), command };
  } catch {
    return null;
  }
}

/** All living processes that have `NAME=value` in their environment. */
export function processesWith(variable: string): Seen[] {
  const found: Seen[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(variable)) continue;
    } catch {
      continue;
    }
    const process = seen(Number(name));
    if (process && process.state !== 'Z') found.push(process);
  }
  return found;
}

/** The living processes of a process group. */
export function groupOf(group: number): Seen[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => seen(Number(name)))
    .filter((process) => process !== null)
    .filter((process) => process.group === group && process.state !== 'Z');
}

/** Kills all processes with that variable, also those that are started meanwhile. */
export function killAllWith(variable: string): void {
  for (let round = 0; round < 20; round += 1) {
    const left = processesWith(variable);
    if (left.length === 0) return;
    for (const { pid } of left)
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
  }
}
