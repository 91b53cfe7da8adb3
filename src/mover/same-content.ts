import { closeSync, constants, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { reading, writing } from './copy-bytes.ts';
import { MoveStopped } from './report.ts';

const BUFFER_BYTES = 1024 * 1024;

/** Whether two files of one length have the same bytes. Throws as `copyBytes` does; `isStopped` ends it. */
export async function haveSameContent(
  source: number,
  other: string,
  isStopped: () => boolean,
): Promise<boolean> {
  const [ours, theirs] = [Buffer.allocUnsafeSlow(BUFFER_BYTES), Buffer.allocUnsafeSlow(BUFFER_BYTES)];
  const fd = writing(() => openSync(other, constants.O_RDONLY | constants.O_NOFOLLOW));
  try {
    for (let at = 0; ; ) {
      const bytes = reading(() => readFully(source, ours, at));
      const same = writing(() => readFully(fd, theirs, at));
      if (bytes !== same || ours.compare(theirs, 0, same, 0, bytes) !== 0) return false;
      if (bytes < BUFFER_BYTES) return true;
      at += bytes;
      await nextTurn();
      if (isStopped()) throw new MoveStopped();
    }
  } finally {
    closeSync(fd);
  }
}

/** Fills the buffer from this byte of the file on, as far as the file goes. */
function readFully(fd: number, buffer: Buffer, from: number): number {
  let done = 0;
  while (done < buffer.length) {
    const bytes = readSync(fd, buffer, done, buffer.length - done, from + done);
    if (bytes === 0) break;
    done += bytes;
  }
  return done;
}
