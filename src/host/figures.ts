import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import type { DiskFigures, HostFigures } from '../contract/views.ts';
import { createTurns } from './turns.ts';

/** Memory that isn't told in this time is unknown: the next figures ask again. */
const TIMEOUT_MS = 3_000;

export type MemoryFigures = Pick<HostFigures, 'memory_used_mib' | 'memory_total_mib'>;

/** Of all CPUs together, in any unit. */
interface CpuTimes {
  busy: number;
  all: number;
}

/**
 * Figures with a memory of their own of the CPU times before. Never throws; the disks are looked at by others.
 *
 * Memory is by node-os-utils. Why the others aren't stands in docs/topics.md.
 */
export function createHostFigures(): (disks: Promise<DiskFigures[]>) => Promise<HostFigures> {
  let before = cpuTimes();
  return async (disks) => {
    const now = cpuTimes();
    const cpu_percent = busyPercent(before, now);
    before = now;
    const [one = 0, five = 0, fifteen = 0] = loadavg();
    const [memory, looked] = await Promise.all([memoryInTime(), disks]);
    const load: HostFigures['load'] = [twoDecimals(one), twoDecimals(five), twoDecimals(fifteen)];
    return { cpu_percent, load, ...memory, disks: looked };
  };
}

/**
 * On Linux from the kernel's own sum. `os.cpus()` leaves out the time in which a CPU waits for a disk, of which a
 * plotter makes much, and reads each CPU's model and speed too.
 */
function cpuTimes(): CpuTimes | null {
  if (process.platform !== 'linux') return timesOfCpus();
  try {
    return timesOfStat(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return null;
  }
}

/**
 * CPU times since the start of the system, in its ticks, by proc_stat(5): user, nice, system, idle, iowait, irq,
 * softirq, steal; what follows is part of these. A CPU that waits for a disk is idle.
 */
export function timesOfStat(stat: string): CpuTimes {
  const end = stat.indexOf('\n');
  const times = stat.slice(0, end).split(/ +/).slice(1, 9).map(Number);
  const all = times.reduce((sum, each) => sum + each, 0);
  const [, , , idle = 0, iowait = 0] = times;
  return { busy: all - idle - iowait, all };
}

function timesOfCpus(): CpuTimes {
  const sum: CpuTimes = { busy: 0, all: 0 };
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle;
    sum.all += all;
    sum.busy += all - times.idle;
  }
  return sum;
}

/** Null where it isn't known, no time has passed, or a CPU was taken off or put on, so that the sums don't compare. */
function busyPercent(before: CpuTimes | null, now: CpuTimes | null): number | null {
  if (before === null || now === null) return null;
  const all = now.all - before.all;
  const busy = now.busy - before.busy;
  if (all <= 0 || busy < 0 || busy > all) return null;
  return Math.round((busy / all) * 1000) / 10;
}

function twoDecimals(value: number): number {
  return Math.round(value * 100) / 100;
}

const turns = createTurns(1);

/** Null where all of Node's threads for files hang on disks that are away. */
async function memoryInTime(): Promise<MemoryFigures> {
  const { memoryFigures } = await import('./memory.ts');
  const found = await turns.take('memory', memoryFigures, TIMEOUT_MS);
  return found ?? { memory_used_mib: null, memory_total_mib: null };
}
