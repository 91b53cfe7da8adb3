import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Ids of the living processes (no zombies) that have this text in their environment or command line. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => says(`/proc/${pid}/environ`, text) || says(`/proc/${pid}/cmdline`, text))
    .filter((pid) => !/^State:\s+[ZX]/m.test(read(`/proc/${pid}/status`)))
    .map(Number);
}

/** What a process has open, as the kernel names it. */
export function handlesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

/** Resident memory of a process, in MiB. */
export function rssOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]) / 1024;
}

function says(file: string, text: string): boolean {
  return read(file).includes(text);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
