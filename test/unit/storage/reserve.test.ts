import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appendWhole, StorageWriteError } from '../../../src/storage/append.ts';
import { openReserve, RESERVE_BYTES } from '../../../src/storage/reserve.ts';
import { temporaryDirectory } from '../../support/directory.ts';

const KIB = 1024;

/** A file system of that many KiB, or null where this account may not mount one. */
function smallDisk(kib: number): string | null {
  const dir = join(temporaryDirectory(), 'disk');
  mkdirSync(dir);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', dir]));
  return dir;
}

/** How many bytes the disk still takes; they are given back. */
function room(dir: string): number {
  const file = join(dir, 'room');
  let bytes = 0;
  try {
    for (;;) {
      writeFileSync(file, Buffer.alloc(4 * KIB), { flag: 'a' });
      bytes += 4 * KIB;
    }
  } catch {
    rmSync(file);
    return bytes;
  }
}

const sizeOf = (dir: string) => statSync(join(dir, 'reserve')).size;

describe('the reserve', () => {
  test('takes its room in blocks of the disk, and is its owner’s alone', () => {
    const dir = temporaryDirectory();
    expect(openReserve(dir).make()).toBe(true);
    const { size, blocks, mode } = statSync(join(dir, 'reserve'));
    expect([size, mode & 0o777]).toEqual([RESERVE_BYTES, 0o600]);
    expect(blocks * 512).toBeGreaterThanOrEqual(RESERVE_BYTES);
  });

  test('one that is whole stays as it is; a copy with holes is made anew', () => {
    const dir = temporaryDirectory();
    const reserve = openReserve(dir);
    reserve.make();
    const before = readFileSync(join(dir, 'reserve'));
    expect(reserve.make()).toBe(true);
    expect(readFileSync(join(dir, 'reserve')).equals(before)).toBe(true);
    truncateSync(join(dir, 'reserve'), 0);
    truncateSync(join(dir, 'reserve'), RESERVE_BYTES);
    expect(openReserve(dir).make()).toBe(true);
    expect(statSync(join(dir, 'reserve')).blocks * 512).toBeGreaterThanOrEqual(RESERVE_BYTES);
  });

  test('gives room back piece by piece until nothing is left', ({ skip }) => {
    const dir = smallDisk(1280);
    if (dir === null) return skip('needs the right to mount a tmpfs');
    const reserve = openReserve(dir);
    expect(reserve.make()).toBe(true);
    const before = room(dir);
    expect(reserve.release()).toBe(true);
    expect(room(dir) - before).toBe(64 * KIB);
    let pieces = 1;
    while (reserve.release()) pieces += 1;
    expect(pieces).toBe(RESERVE_BYTES / (64 * KIB));
    expect(sizeOf(dir)).toBe(0);
  });

  test('is made again only where there is room for it and some more', ({ skip }) => {
    const dir = smallDisk(1280);
    if (dir === null) return skip('needs the right to mount a tmpfs');
    const reserve = openReserve(dir);
    reserve.make();
    reserve.release();
    const kept = sizeOf(dir);
    const ballast = join(dir, 'ballast');
    writeFileSync(ballast, Buffer.alloc(room(dir) - 64 * KIB));
    // Room for what is missing, and for nothing beside it.
    expect(reserve.make()).toBe(false);
    expect(sizeOf(dir)).toBe(kept);
    rmSync(ballast);
    expect(reserve.make()).toBe(true);
    expect(sizeOf(dir)).toBe(RESERVE_BYTES);
  });

  test('where there is no directory it is neither made nor given up, and nothing is thrown', () => {
    const reserve = openReserve(join(temporaryDirectory(), 'gone'));
    expect([reserve.make(), reserve.release()]).toEqual([false, false]);
  });
});

test('a line that is there whole although its flush failed is told from a torn one', async () => {
  const { open } = await import('node:fs/promises');
  const fifo = join(temporaryDirectory(), 'fifo');
  execFileSync('mkfifo', [fifo]);
  // A FIFO takes bytes, and can be neither flushed nor cut.
  const handle = await open(fifo, 'r+');
  const append = (flush: boolean) =>
    appendWhole({ fd: handle.fd, file: fifo, bytes: Buffer.from('line\n'), length: 0, flush });
  try {
    expect(() => append(false)).not.toThrow();
    expect(() => append(true)).toThrow(StorageWriteError);
    try {
      append(true);
    } catch (error) {
      expect(error).toMatchObject({ torn: true, whole: true, full: false });
    }
  } finally {
    await handle.close();
  }
});
