import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { statFields } from './process-identity.ts';

/** First processes of containers that do nothing but run one program, and end with it. */
const INITS: ReadonlySet<string> = new Set(['tini', 'tini-static', 'docker-init', 'dumb-init', 'catatonit']);

/** What is known of the processes above one. */
export interface ProcessTable {
  /** The process that started it; `null` where that isn't known. */
  parentOf(pid: number): number | null;
  /** The words of its command line; none where they can't be read. */
  wordsOf(pid: number): string[];
}

/** The processes of this host, or container. */
export const liveProcesses: ProcessTable = {
  parentOf(pid) {
    const parent = Number(statFields(pid)?.[1]);
    return Number.isInteger(parent) ? parent : null;
  },
  wordsOf(pid) {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    } catch {
      return [];
    }
  },
};

/**
 * Whether the container, and all that runs in it, ends with this process: it is the first one, or all above it are
 * inits that run nothing else than `program`. `false` where that isn't sure: a container may go on without it.
 */
export function containerEndsWith(pid: number, program: string, processes: ProcessTable): boolean {
  for (let current: number | null = pid; current !== null && current > 0; ) {
    if (current === 1) return true;
    const above: number | null = processes.parentOf(current);
    if (above === null || !runsOnly(processes.wordsOf(above), program)) return false;
    current = above;
  }
  return false;
}

/** `tini -- plot2mqtt run`, `/sbin/docker-init -- tini -- plot2mqtt`, … */
function runsOnly(words: string[], program: string): boolean {
  const [init = '', ...rest] = words;
  const names = rest.filter((word) => !word.startsWith('-')).map((word) => basename(word));
  const run = names.find((name) => !INITS.has(name));
  return INITS.has(basename(init)) && run === program;
}
