import { fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { isObject } from '../../util/objects.ts';

const STDOUT = 1;
const NEWLINE = 0x0a;
/** As much may wait for a reader that doesn't read; what comes then is lost. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Where the daemon's log goes. Whatever becomes of that, lines are lost and nothing else happens. */
export interface LogOutput {
  write(line: string): void;
  /** Calls back with how many lines were lost, once some can be written again. */
  onLost(callback: (lines: number) => void): void;
}

/** Standard output as the daemon's log has it: it never waits for a reader, a terminal that is stopped included. */
export function openLogOutput(): LogOutput {
  return isFileLike() ? fileOutput() : streamOutput();
}

/** A file or a device such as /dev/null: written at once, where there is room. */
function isFileLike(): boolean {
  if (isatty(STDOUT)) return false;
  try {
    const stat = fstatSync(STDOUT);
    return stat.isFile() || stat.isCharacterDevice() || stat.isBlockDevice();
  } catch {
    return true;
  }
}

function fileOutput(): LogOutput {
  const losses = countLosses();
  let torn = false;
  return {
    onLost: losses.onLost,
    write(line) {
      const bytes = Buffer.from(torn ? `\n${line}` : line);
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(STDOUT, bytes, written);
        torn = false;
        losses.written();
      } catch {
        // A disk that is full may have room again: the next line begins anew.
        if (written > 0) torn = bytes[written - 1] !== NEWLINE;
        losses.lost();
      }
    },
  };
}

/** A pipe, a socket or a terminal: what it doesn't take at once waits, so that we don't. */
function streamOutput(): LogOutput {
  const { stdout } = process;
  const losses = countLosses();
  neverBlock(stdout);
  // The reader is gone, or its terminal.
  stdout.on('error', () => {});
  stdout.on('drain', losses.written);
  return {
    onLost: losses.onLost,
    write(line) {
      if (!stdout.writable || stdout.writableLength > MAX_WAITING_BYTES) losses.lost();
      else stdout.write(line);
    },
  };
}

/** Node.js waits for terminals (tty.WriteStream), and offers no other way to change that. */
function neverBlock(stream: object): void {
  const handle: unknown = Reflect.get(stream, '_handle');
  if (isObject(handle) && typeof handle.setBlocking === 'function') handle.setBlocking(false);
}

function countLosses() {
  let lines = 0;
  let tell = (_lines: number) => {};
  return {
    lost: () => {
      lines += 1;
    },
    written: () => {
      const before = lines;
      lines = 0;
      if (before > 0) tell(before);
    },
    onLost: (callback: (lines: number) => void) => {
      tell = callback;
    },
  };
}
