import { fdatasyncSync, ftruncateSync, writeSync } from 'node:fs';
import { codeOf, messageOf } from '../util/errors.ts';

/** The disk didn't take what was to be written down; `code` is the system's (`ENOSPC`, `EIO`, …). */
export class StorageWriteError extends Error {
  readonly file: string;
  readonly code: string;
  /** Whether a torn part of what was written is still there: the next line must begin on a new one. */
  readonly torn: boolean;
  /** Whether all of it is still there, unflushed: nothing may follow before that is cut off. */
  readonly whole: boolean;

  constructor(file: string, cause: unknown, torn: boolean, whole = false) {
    super(`cannot write to ${file}: ${messageOf(cause)}`, { cause });
    this.name = 'StorageWriteError';
    this.file = file;
    this.code = codeOf(cause) ?? 'EIO';
    this.torn = torn;
    this.whole = whole;
  }

  /** Whether there is no room: what a reserve helps against. */
  get full(): boolean {
    return isFull(this);
  }
}

/** Whether this is an error of a disk, or of an account's part of it, that has no room left. */
export function isFull(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

export interface Append {
  /** Open for appending (O_APPEND). */
  fd: number;
  /** For the error's text. */
  file: string;
  bytes: Buffer;
  /** The file's length now, in bytes: what it is cut back to where the write fails. */
  length: number;
  /** Whether to wait for the disk too. */
  flush: boolean;
}

/**
 * Appends all or nothing, in one write. When it returns the kernel has it, so that a kill of this
 * process loses nothing. Throws StorageWriteError.
 */
export function appendWhole({ fd, file, bytes, length, flush }: Append): void {
  let done = 0;
  try {
    // A second turn is there for a disk that took only a part: it tells why.
    while (done < bytes.length) done += writeSync(fd, bytes, done);
    if (flush) fdatasyncSync(fd);
  } catch (error) {
    const torn = !cutBack(fd, length);
    throw new StorageWriteError(file, error, torn, torn && done === bytes.length);
  }
}

/** Cuts a file back to this length in bytes; false where that can't be. */
export function cutBack(fd: number, length: number): boolean {
  try {
    ftruncateSync(fd, length);
    return true;
  } catch {
    return false;
  }
}
