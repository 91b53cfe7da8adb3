import { readFileSync } from 'node:fs';
import { cpus as hostCpus } from 'node:os';
import { messageOf } from '../util/errors.ts';

const RANGE = /^(\d+)(?:-(\d+))?$/;

/** What can't be: a CPU above any that Linux numbers (NR_CPUS is at most 8192), or a range that runs backwards. */
const HIGHEST_CPU = 8191;

/** The single CPUs of numbers and ranges such as `"4-7"`, each once, in ascending order. Throws where one is wrong. */
export function expandCpus(cpus: readonly (number | string)[]): number[] {
  const single = new Set<number>();
  for (const item of cpus) {
    const match = RANGE.exec(String(item));
    const first = Number(match?.[1] ?? Number.NaN);
    const last = Number(match?.[2] ?? first);
    if (!(first <= last && last <= HIGHEST_CPU))
      throw new RangeError(`cpus: "${item}" is no CPU or range of CPUs`);
    for (let cpu = first; cpu <= last; cpu++) single.add(cpu);
  }
  return [...single].sort((a, b) => a - b);
}

/** The CPUs on which this program and what it starts may run: those of its control group on Linux, else the host's. */
export function availableCpus(): number[] {
  return allowedByKernel() ?? hostCpus().map((_, cpu) => cpu);
}

/** Throws where one of these CPUs is missing on this host, or where the system can't tie a process to CPUs. */
export function checkCpus(wanted: readonly number[], available: readonly number[] = availableCpus()): void {
  if (wanted.length === 0) return;
  if (process.platform !== 'linux') {
    throw new Error('cpus: this system has no CPU affinity; it works on Linux only');
  }
  const missing = wanted.filter((cpu) => !available.includes(cpu));
  if (missing.length === 0) return;
  const names = missing.length === 1 ? `CPU ${missing[0]} is` : `CPUs ${missing.join(', ')} are`;
  throw new RangeError(`cpus: ${names} not available on this host; it has ${available.join(', ')}`);
}

/** Why a plotter can't be tied to the CPUs that a job names, or `null` where it can. */
export function cpusProblem(cpus: readonly (number | string)[] | undefined): string | null {
  try {
    checkCpus(expandCpus(cpus ?? []));
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function allowedByKernel(): number[] | null {
  if (process.platform !== 'linux') return null;
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return list === undefined ? null : expandCpus(list.split(','));
}
