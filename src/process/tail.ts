import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { printable } from '../util/colours.ts';

const MAX_BYTES = 16 * 1024;

/**
 * The last lines of a log, at most `count` from at most its last `maxBytes`, without colours, blank ones left out; none
 * where there is no such file, or it can't be read. A carriage return ends a line too. The first may be the end of a
 * longer one.
 */
export function lastLines(path: string, count: number, maxBytes: number = MAX_BYTES): string[] {
  return endOf(path, maxBytes)
    .split(/[\r\n]+/)
    .map(printable)
    .filter((line) => line !== '')
    .slice(-count);
}

function endOf(path: string, maxBytes: number): string {
  let fd: number | null = null;
  try {
    fd = openSync(path, 'r');
    const buffer = Buffer.alloc(maxBytes);
    const from = Math.max(0, fstatSync(fd).size - maxBytes);
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, maxBytes, from));
  } catch {
    return '';
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
