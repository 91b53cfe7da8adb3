import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { codeOf } from '../util/errors.ts';
import { appendWhole } from './append.ts';
import { readLines } from './lines.ts';
import { PRIVATE_FILE } from './private.ts';

/** How far back `hasRecent` looks: some 500 lines, more than end between two records of the journal. */
const RECENT_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** A file of one JSON object a line, that only grows. */
export interface History {
  /**
   * Appends these lines (JSON, without newlines) in one write. A last line that a crash has torn is left
   * as it is and a new one begun. Throws StorageWriteError: none of them is then written.
   */
  append(lines: readonly string[]): void;
  /** Which of these workers have a line near the end already: after a crash, no line is doubled. */
  hasRecent(workerIds: Iterable<string>): Set<string>;
}

/**
 * The history in `file`, made at the first append. It is opened anew each time, a few times an hour at
 * most, so that it may be moved away while the daemon runs.
 */
export function openHistory(file: string): History {
  return {
    append(lines) {
      if (lines.length === 0) return;
      const fd = openSync(file, 'a+', PRIVATE_FILE);
      try {
        const length = fstatSync(fd).size;
        const text = lines.map((line) => `${line}\n`).join('');
        const bytes = Buffer.from(endsInMidLine(fd, length) ? `\n${text}` : text);
        appendWhole({ fd, file, bytes, length, flush: false });
      } finally {
        closeSync(fd);
      }
    },
    hasRecent(workerIds) {
      const wanted = new Set(workerIds);
      const found = new Set<string>();
      if (wanted.size === 0) return found;
      for (const line of recentLines(file)) {
        if ('worker' in line && typeof line.worker === 'string' && wanted.has(line.worker)) {
          found.add(line.worker);
        }
      }
      return found;
    },
  };
}

function endsInMidLine(fd: number, length: number): boolean {
  if (length === 0) return false;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, length - 1);
  return last[0] !== NEWLINE;
}

/** The whole lines near the end, oldest first, parsed; what is torn or no object is passed over. */
function* recentLines(file: string): Generator<object> {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    const start = Math.max(0, fstatSync(fd).size - RECENT_BYTES);
    for (const { bytes } of readLines(fd, start)) {
      const parsed = parse(bytes.toString('utf8'));
      if (typeof parsed === 'object' && parsed !== null) yield parsed;
    }
  } finally {
    closeSync(fd);
  }
}

/** What begins in mid-line, or was torn, is no JSON: null. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
