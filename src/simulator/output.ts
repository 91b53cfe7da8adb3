import { writeSync } from 'node:fs';
import { sleep } from './timeline.ts';

/** What the simulator needs of its process; tests of the rules bring their own. */
export interface SimulatorIo {
  /** Writes at once. @returns false where the reader has gone (EPIPE) */
  write(stream: 'stdout' | 'stderr', text: string): boolean;
  /** Ends the process by that signal, as a crash of the real program does. @returns the shell's code for it */
  die(signal: 'SIGABRT' | 'SIGPIPE'): Promise<number>;
  /** Ends the process at once. */
  exit(code: number): never;
}

const SIGNAL_CODES = { SIGABRT: 134, SIGPIPE: 141 } as const;

/** The process itself. Writes are synchronous, on files and pipes alike: a line is out before the next is due. */
export const processIo: SimulatorIo = {
  write(stream, text) {
    let rest = Buffer.from(text);
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(stream === 'stdout' ? 1 : 2, rest));
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code === 'EPIPE') return false;
        if (code !== 'EAGAIN') throw error;
        // A full pipe that somebody made non-blocking: the real plotter would hang in write() meanwhile.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    }
    return true;
  },
  async die(signal) {
    // Node ignores SIGPIPE; taking a listener away restores the default action.
    const listener = () => {};
    process.on(signal, listener);
    process.off(signal, listener);
    process.kill(process.pid, signal);
    await sleep(1000); // the first process of a container survives its own signals
    return SIGNAL_CODES[signal];
  },
  exit: (code) => process.exit(code),
};

/** Ends a run early with an exit code; thrown through the replay. */
export class PlotterExit extends Error {
  readonly code: number;
  readonly signal: 'SIGABRT' | 'SIGPIPE' | undefined;

  constructor(code: number, signal?: 'SIGABRT' | 'SIGPIPE') {
    super(`exit ${code}`);
    this.code = code;
    this.signal = signal;
  }
}
