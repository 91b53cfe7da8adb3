import { readlinkSync } from 'node:fs';
import { isHandleOf, readerOf } from '../../host/pipe-readers.ts';

/** The reader of a pipe is looked for so often, in milliseconds. */
const LOOK_MS = 500;

/**
 * Calls `gone` when nobody reads a pipe any more that this process writes to; returns what ends the looking. Who only
 * writes learns it by the next write, which may be hours away (`plot2mqtt events | head -1`), and Node.js doesn't poll
 * a pipe that it only writes to. Where readers can't be seen (another account's; not Linux) nothing is noticed.
 */
export async function onReaderGone(fd: number, gone: () => void): Promise<() => void> {
  const pipe = pipeAt(fd);
  if (pipe === null) return () => {};
  // Known before anything is written: what it has read may be all that it wants.
  let reader = await readerOf(pipe);
  let looking = false;
  const look = async () => {
    if (looking) return;
    looking = true;
    const before = reader;
    if (before === null || !(await isHandleOf(before, pipe))) reader = await readerOf(pipe);
    if (before !== null && reader === null) gone();
    looking = false;
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return () => clearInterval(timer);
}

/** What a handle links to where that is a pipe. */
function pipeAt(fd: number): string | null {
  try {
    const target = readlinkSync(`/proc/self/fd/${fd}`);
    return target.startsWith('pipe:') ? target : null;
  } catch {
    return null;
  }
}
