import { join } from 'node:path';

/** The processes of a worker, each run at most once. */
export const PROCESS_KINDS = ['pre', 'plotter', 'post'] as const;
export type ProcessKind = (typeof PROCESS_KINDS)[number];
/** These, and the one that moves a plot. */
export type WrappedKind = ProcessKind | 'move';

/** What a process keeps in its worker's directory. */
export interface ProcessFiles {
  /** What it prints, stdout and stderr as they come. */
  log: string;
  /** One line: `<pid> <identity> <worker> ns=<PID namespace> up=<uptime>`, written once by the wrapper that runs the command. */
  claim: string;
  /** Blank until the command has ended, then its exit status, and how long the host had been up. */
  exit: string;
  /** A FIFO that the wrapper holds open as long as it lives. */
  alive: string;
}

/** The files of one process in this directory, its worker's or its own. */
export function processFiles(dir: string, kind: WrappedKind): ProcessFiles {
  const base = join(dir, kind);
  return { log: `${base}.log`, claim: `${base}.claim`, exit: `${base}.exit`, alive: `${base}.alive` };
}
