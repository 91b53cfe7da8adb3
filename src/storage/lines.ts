import { readSync } from 'node:fs';

const CHUNK_BYTES = 1024 * 1024;
/** A line longer than this is none of ours: it comes in pieces, which no reader takes for a line. */
const LONGEST_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

export interface Line {
  /** Without its newline. */
  bytes: Buffer;
  /** Where the next line begins, in bytes from the file's start. */
  end: number;
  /** Whether a newline ends it; only a file's last line, or a piece of an endless one, has none. */
  terminated: boolean;
}

/** The lines of an open file from `start` (bytes) on, held in memory one chunk at a time. */
export function* readLines(fd: number, start = 0): Generator<Line> {
  let pieces: Buffer[] = [];
  let pending = 0;
  let position = start;
  for (;;) {
    // A chunk of its own each time: what is handed out stays valid.
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = readSync(fd, chunk, 0, CHUNK_BYTES, position);
    if (count === 0) break;
    let from = 0;
    for (;;) {
      const newline = chunk.subarray(0, count).indexOf(NEWLINE, from);
      if (newline === -1) break;
      pieces.push(chunk.subarray(from, newline));
      yield { bytes: Buffer.concat(pieces), end: position + newline + 1, terminated: true };
      pieces = [];
      pending = 0;
      from = newline + 1;
    }
    pieces.push(chunk.subarray(from, count));
    pending += count - from;
    position += count;
    if (pending > LONGEST_LINE_BYTES) {
      yield { bytes: Buffer.concat(pieces), end: position, terminated: false };
      pieces = [];
      pending = 0;
    }
  }
  if (pending > 0) yield { bytes: Buffer.concat(pieces), end: position, terminated: false };
}
