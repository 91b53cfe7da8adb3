import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { LineSplitter } from './lines.ts';

const PIECE_BYTES = 64 * 1024;
const LONGEST_LINE_BYTES = 16 * 1024;

/** A whole line of a file, and the offset just after it. */
export interface LineOfFile {
  line: string;
  end: number;
}

/** The whole lines of a file that may not be there, piece by piece: nobody knows how long a log is. Throws the system's error. */
export function* linesOfFile(file: string): Generator<LineOfFile> {
  if (!existsSync(file)) return;
  const fd = openSync(file, 'r');
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const splitter = new LineSplitter(LONGEST_LINE_BYTES, 0);
  try {
    for (let count = readSync(fd, piece); count > 0; count = readSync(fd, piece)) {
      const { lines, ends } = splitter.push(piece.subarray(0, count));
      for (const [index, line] of lines.entries()) yield { line, end: ends[index] ?? 0 };
    }
  } finally {
    closeSync(fd);
  }
}
