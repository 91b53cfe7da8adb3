import { readdirSync, readFileSync } from 'node:fs';

/** The movers that work below a folder: the programs, and the shells around them. */
export function moversOf(folder: string): { programs: number[]; shells: number[] } {
  const found: { programs: number[]; shells: number[] } = { programs: [], shells: [] };
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const words = wordsOf(name);
    if (!words.includes('move-file') || !words.some((word) => word.startsWith(folder))) continue;
    if (words[0] === process.execPath) found.programs.push(Number(name));
    else found.shells.push(Number(name));
  }
  return found;
}

function wordsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

export function kill(...pids: number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
}
