import { cpus, loadavg } from 'node:os';
import { probeDirectory } from './directories.ts';

/** The payload of `B/host` (contract, section 4). Null is what isn't known. */
export interface HostFigures {
  /** Share of all CPUs that was busy since the figures before these, one decimal; null at first. */
  cpu_percent: number | null;
  /** Over 1, 5 and 15 minutes. */
  load: [number, number, number];
  /** Without what the system would give back at once (caches). */
  memory_used_mib: number | null;
  memory_total_mib: number | null;
  disks: DiskFigures[];
}

export interface DiskFigures {
  role: string;
  path: string;
  free_bytes: number | null;
  total_bytes: number | null;
}

/** A disk that takes longer than this is one that is away: the next figures ask it again. */
const DISK_TIMEOUT_MS = 3_000;
const BYTES_PER_MIB = 1024 * 1024;

interface CpuTimes {
  busy: number;
  all: number;
}

/**
 * Figures with a memory of their own of the CPU times before. Never throws; a disk that is away has null for its space.
 *
 * Memory comes from node-os-utils, which reads what each system has (on Linux one file, without a process).
 * Its CPU usage sleeps for a sample, and its disks and load start `df` and `uptime`: those are taken from
 * Node, which costs nothing and, for CPUs, gives the whole time between two figures.
 */
export function createHostFigures(): (
  disks: readonly { role: string; path: string }[],
) => Promise<HostFigures> {
  let before = cpuTimes();
  return async (disks) => {
    const now = cpuTimes();
    const cpu_percent = busyPercent(before, now);
    before = now;
    const [one = 0, five = 0, fifteen = 0] = loadavg();
    const [memory, ...probed] = await Promise.all([memoryFigures(), ...disks.map(diskFigures)]);
    const load: HostFigures['load'] = [twoDecimals(one), twoDecimals(five), twoDecimals(fifteen)];
    return { cpu_percent, load, ...memory, disks: probed };
  };
}

function cpuTimes(): CpuTimes {
  const sum: CpuTimes = { busy: 0, all: 0 };
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle;
    sum.all += all;
    sum.busy += all - times.idle;
  }
  return sum;
}

/** Null where no time has passed, or a CPU was taken off or put on, so that the sums don't compare. */
function busyPercent(before: CpuTimes, now: CpuTimes): number | null {
  const all = now.all - before.all;
  const busy = now.busy - before.busy;
  if (all <= 0 || busy < 0 || busy > all) return null;
  return Math.round((busy / all) * 1000) / 10;
}

function twoDecimals(value: number): number {
  return Math.round(value * 100) / 100;
}

async function memoryFigures(): Promise<Pick<HostFigures, 'memory_used_mib' | 'memory_total_mib'>> {
  try {
    const { memory } = await import('./memory.ts');
    const info = await memory.info();
    if (info.success) {
      return { memory_used_mib: toMib(info.data.used), memory_total_mib: toMib(info.data.total) };
    }
  } catch {
    // Unknown, as on a system that it doesn't support.
  }
  return { memory_used_mib: null, memory_total_mib: null };
}

function toMib(size: { toBytes(): number }): number {
  return Math.round(size.toBytes() / BYTES_PER_MIB);
}

async function diskFigures({ role, path }: { role: string; path: string }): Promise<DiskFigures> {
  const { free_bytes, total_bytes } = await probeDirectory(path, { timeoutMs: DISK_TIMEOUT_MS });
  return { role, path, free_bytes, total_bytes };
}
