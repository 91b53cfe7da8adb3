import { closeSync, fstatSync, openSync } from 'node:fs';
import { codeOf } from '../util/errors.ts';
import { readLines } from './lines.ts';

/** The whole lines in the last bytes of a file, oldest first; none of one that can't be read. */
export function lastLines(file: string, bytes: number): string[] {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
  try {
    const start = Math.max(0, fstatSync(fd).size - bytes);
    const lines = [...readLines(fd, start)].map((line) => line.bytes.toString('utf8'));
    // Where it begins in mid-line that isn't one.
    return start === 0 ? lines : lines.slice(1);
  } finally {
    closeSync(fd);
  }
}
