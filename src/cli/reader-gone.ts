import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { codeOf } from '../util/errors.ts';

/** The reader of a pipe is looked for so often, in milliseconds. */
const LOOK_MS = 500;

/**
 * Calls `gone` when nobody reads a pipe any more that this process writes to; returns what ends the looking. Who only
 * writes learns it by the next write, which may be hours away (`plot2mqtt events | head -1`). On Linux a pipe that nobody
 * reads can't be opened for writing without waiting: ENXIO, of open(2). Where that isn't so, nothing is noticed.
 */
export function onReaderGone(fd: number, gone: () => void): () => void {
  if (!isPipe(fd)) return () => {};
  const looking = setInterval(() => {
    try {
      closeSync(openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK));
    } catch (error) {
      if (codeOf(error) === 'ENXIO') gone();
    }
  }, LOOK_MS);
  return () => clearInterval(looking);
}

function isPipe(fd: number): boolean {
  try {
    return fstatSync(fd).isFIFO();
  } catch {
    return false;
  }
}
