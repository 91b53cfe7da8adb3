import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { type ProcessIdentity, sameProcess } from '../host/process-identity.ts';
import { codeOf } from '../util/errors.ts';

/** Only for a wrapper that has no FIFO (its file system knows none, somebody removed it), or is just about to go. */
const FIRST_LOOK_MS = 50;
const POLL_MS = 2_000;

/**
 * Resolves when this wrapper is gone, however it went, for a program that isn't its parent: the kernel closes the
 * FIFO that it holds, and says so. Keeps no program from ending.
 */
export function wrapperGone(wrapper: ProcessIdentity, fifo: string): Promise<void> {
  return sameProcess(wrapper) ? (writerGone(fifo) ?? identityGone(wrapper)) : Promise.resolve();
}

/** Resolves when no program has the FIFO open for writing any more; null where none has, or it isn't one. */
function writerGone(fifo: string): Promise<void> | null {
  const fd = openFifo(fifo);
  if (fd === null) return null;
  // A writer that went before the FIFO was opened here raises no event: only reading tells.
  if (!hasWriter(fd)) {
    closeSync(fd);
    return null;
  }
  return new Promise((resolve) => {
    const socket = new Socket({ fd, readable: true, writable: false });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
    socket.unref();
  });
}

function openFifo(path: string): number | null {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(fd).isFIFO()) return fd;
    closeSync(fd);
    return null;
  } catch {
    return null;
  }
}

/** Reading from a FIFO with a writer that has nothing to say fails with EAGAIN; without one it is at its end. */
function hasWriter(fd: number): boolean {
  try {
    return readSync(fd, Buffer.alloc(1)) > 0;
  } catch (error) {
    return codeOf(error) === 'EAGAIN';
  }
}

function identityGone(wrapper: ProcessIdentity): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (sameProcess(wrapper)) setTimeout(look, POLL_MS).unref();
      else resolve();
    };
    setTimeout(look, FIRST_LOOK_MS).unref();
  });
}
