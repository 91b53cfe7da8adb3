import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { endedWith } from '../host/pid-namespace.ts';
import { sameProcess } from '../host/process-identity.ts';
import { codeOf, saysAbsent } from '../util/errors.ts';
import type { WrapperClaim } from './wrapper-claim.ts';

/** Only for a wrapper that has no FIFO (its file system knows none, somebody removed it), or is just about to go. */
const FIRST_LOOK_MS = 50;
const POLL_MS = 2_000;

/**
 * Resolves when this wrapper is gone, however it went, for a program that isn't its parent: the kernel closes the
 * FIFO that it holds, and says so. As long as that can't be told it isn't gone. Keeps no program from ending.
 */
export function wrapperGone(wrapper: WrapperClaim, fifo: string): Promise<void> {
  try {
    if (!runs(wrapper, fifo)) return Promise.resolve();
    return writerGone(wrapper, fifo) ?? polled(wrapper, fifo);
  } catch {
    return polled(wrapper, fifo);
  }
}

/** Whether some program has this FIFO open for writing. Throws where that can't be told now. */
export function isHeld(fifo: string): boolean {
  const fd = openFifo(fifo);
  if (fd === null) return false;
  try {
    return hasWriter(fd);
  } finally {
    closeSync(fd);
  }
}

/** A wrapper in another PID namespace of this host can't be seen, but the FIFO that it holds can. */
function runs(wrapper: WrapperClaim, fifo: string): boolean {
  if (sameProcess(wrapper)) return true;
  return endedWith(wrapper.identity, wrapper.namespace) === 'container' && isHeld(fifo);
}

/** Resolves when no program has the FIFO open for writing any more; null where none has, or it isn't one. */
function writerGone(wrapper: WrapperClaim, fifo: string): Promise<void> | null {
  const fd = openFifo(fifo);
  if (fd === null) return null;
  // A writer that went before the FIFO was opened here raises no event: only reading tells.
  if (!hasWriter(fd)) {
    closeSync(fd);
    return null;
  }
  return new Promise((resolve) => {
    const socket = new Socket({ fd, readable: true, writable: false });
    // An error says nothing of the writer.
    socket.on('error', () => {});
    socket.on('close', (failed) => resolve(failed ? polled(wrapper, fifo) : undefined));
    socket.resume();
    socket.unref();
  });
}

/** Null where there is no FIFO of this name. */
function openFifo(path: string): number | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (saysAbsent(error)) return null;
    throw error;
  }
  if (fstatSync(fd).isFIFO()) return fd;
  closeSync(fd);
  return null;
}

/** Reading from a FIFO with a writer that has nothing to say fails with EAGAIN; without one it is at its end. */
function hasWriter(fd: number): boolean {
  try {
    return readSync(fd, Buffer.alloc(1)) > 0;
  } catch (error) {
    return codeOf(error) === 'EAGAIN';
  }
}

function polled(wrapper: WrapperClaim, fifo: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (mayRun(wrapper, fifo)) setTimeout(look, POLL_MS).unref();
      else resolve();
    };
    setTimeout(look, FIRST_LOOK_MS).unref();
  });
}

function mayRun(wrapper: WrapperClaim, fifo: string): boolean {
  try {
    return runs(wrapper, fifo);
  } catch {
    return true;
  }
}
