import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PRIVATE_FILE } from './private.ts';

/** How much of the disk is kept back (contract, section 5), in bytes. */
export const RESERVE_BYTES = 1024 * 1024;
/** It is given up piece by piece: others who write to the same disk are to get as little of it as possible. */
const PIECE_BYTES = 64 * 1024;
/** Room there must be beside it, so that a disk that is all but full isn't taken for one with room. */
const MARGIN_BYTES = 64 * 1024;
/** What stat(2) calls a block, in bytes, whatever the file system's own blocks are. */
const STAT_BLOCK_BYTES = 512;

/** Room on the disk of `data_dir` for what must be written down when that is full. Nothing here throws. */
export interface Reserve {
  /** Gives a piece of it back to the disk; false where none is left, or where the disk takes no orders any more. */
  release(): boolean;
  /** Makes what is missing; true where it is whole, and there is room beside it. */
  make(): boolean;
}

/** The reserve in `dir`, as an earlier run left it: who relies on it makes it first. */
export function openReserve(dir: string): Reserve {
  const file = join(dir, 'reserve');
  return {
    release: () => withFile(file, 'r+', release),
    make: () => withFile(file, 'a+', make),
  };
}

function withFile(file: string, flags: 'a+' | 'r+', act: (fd: number) => boolean): boolean {
  try {
    const fd = openSync(file, flags, PRIVATE_FILE);
    try {
      return act(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

function release(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size === 0) return false;
  ftruncateSync(fd, Math.max(0, size - PIECE_BYTES));
  return true;
}

function make(fd: number): boolean {
  const kept = allocated(fd);
  ftruncateSync(fd, kept);
  try {
    // Random, so that no file system stores it in less room than it has.
    for (let size = kept; size < RESERVE_BYTES + MARGIN_BYTES; )
      size += writeSync(fd, randomBytes(Math.min(PIECE_BYTES, RESERVE_BYTES + MARGIN_BYTES - size)));
    fdatasyncSync(fd);
    ftruncateSync(fd, RESERVE_BYTES);
    return true;
  } catch (error) {
    ftruncateSync(fd, kept);
    throw error;
  }
}

/** How much of it is there in blocks of the disk: nothing of a file with holes, a copy that `cp --sparse` made. */
function allocated(fd: number): number {
  const { size, blocks } = fstatSync(fd);
  return blocks * STAT_BLOCK_BYTES < size ? 0 : Math.min(size, RESERVE_BYTES);
}
