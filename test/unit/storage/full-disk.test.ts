import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StorageWriteError } from '../../../src/storage/append.ts';
import { openHistory } from '../../../src/storage/history.ts';
import { openJournal } from '../../../src/storage/journal/journal.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { collectingLog } from './support/log.ts';

/** A file system of 128 KiB, or null where this account may not mount one. */
function smallDisk(): string | null {
  const dir = join(temporaryDirectory(), 'disk');
  mkdirSync(dir);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    return null;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', dir]);
  });
  return dir;
}

/** Leaves `left` bytes, a multiple of a page, on the disk. */
function fill(dir: string, left: number): string {
  const file = join(dir, 'other');
  writeFileSync(file, '');
  try {
    for (;;) writeFileSync(file, Buffer.alloc(4096), { flag: 'a' });
  } catch {
    const filled = readFileSync(file).length;
    rmSync(file);
    writeFileSync(file, Buffer.alloc(filled - left));
  }
  return file;
}

const { log } = collectingLog();
const open = (dir: string) => openJournal(dir, { format: 'test', version: 1, log });
const refusal = (act: () => void): StorageWriteError => {
  try {
    act();
  } catch (error) {
    if (error instanceof StorageWriteError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

describe('a full disk', () => {
  test('refuses an entry whole, and takes the next one once there is room', ({ skip }) => {
    const dir = smallDisk();
    if (dir === null) return skip('needs the right to mount a tmpfs');
    const journal = open(dir);
    journal.append(1);
    const other = fill(dir, 4096);
    // The first page fits and the rest doesn't: a write that is done in part.
    const error = refusal(() => journal.append('x'.repeat(20_000)));
    expect(error.code).toBe('ENOSPC');
    expect(error.message).toContain('journal.0.jsonl');
    expect(error.torn).toBe(false);
    rmSync(other);
    journal.append(2);
    journal.close();
    const told = collectingLog();
    const again = openJournal(dir, { format: 'test', version: 1, log: told.log });
    expect(again.entries).toEqual([1, 2]);
    expect([...told.errors, ...told.warnings]).toEqual([]);
    again.close();
  });

  test('that does not let the torn part be cut off costs nothing but that part', ({ skip }) => {
    const dir = smallDisk();
    if (dir === null) return skip('needs the right to mount a tmpfs');
    const journal = open(dir);
    journal.append(1);
    const file = join(dir, 'journal.0.jsonl');
    try {
      execFileSync('chattr', ['+a', file], { stdio: 'ignore' });
    } catch {
      return skip('needs a tmpfs that knows append-only files (Linux 6.6)');
    }
    const other = fill(dir, 4096);
    expect(refusal(() => journal.append('x'.repeat(20_000))).torn).toBe(true);
    expect(refusal(() => journal.append('x'.repeat(20_000))).torn).toBe(true);
    rmSync(other);
    journal.append(2);
    journal.append(3);
    journal.close();
    execFileSync('chattr', ['-a', file]);
    const told = collectingLog();
    const again = openJournal(dir, { format: 'test', version: 1, log: told.log });
    expect(again.entries).toEqual([1, 2, 3]);
    expect(told.errors).toEqual([]);
    expect(told.warnings).toHaveLength(1);
    again.close();
  });

  test('refuses a snapshot and leaves what was: appending goes on, and so does the next snapshot', ({
    skip,
  }) => {
    const dir = smallDisk();
    if (dir === null) return skip('needs the right to mount a tmpfs');
    const journal = open(dir);
    journal.append(1);
    journal.compact([1]);
    journal.append(2);
    const other = fill(dir, 8192);
    expect(refusal(() => journal.compact(['y'.repeat(40_000)])).code).toBe('ENOSPC');
    expect(existsSync(join(dir, 'state.json.tmp'))).toBe(false);
    journal.append(3);
    journal.close();
    const again = open(dir);
    expect([again.snapshot, again.entries]).toEqual([[1], [2, 3]]);
    again.append(4);
    rmSync(other);
    again.compact([1, 2, 3, 4]);
    again.close();
    const last = open(dir);
    expect([last.snapshot, last.entries]).toEqual([[1, 2, 3, 4], []]);
    last.close();
  });

  test('refuses lines of history whole', ({ skip }) => {
    const dir = smallDisk();
    if (dir === null) return skip('needs the right to mount a tmpfs');
    const file = join(dir, 'history.jsonl');
    const history = openHistory(file);
    history.append(['{"worker":"a"}']);
    const other = fill(dir, 4096);
    const long = JSON.stringify({ worker: 'long', filling: 'z'.repeat(20_000) });
    expect(refusal(() => history.append([long, '{"worker":"b"}'])).code).toBe('ENOSPC');
    rmSync(other);
    history.append(['{"worker":"c"}']);
    expect(readFileSync(file, 'utf8')).toBe('{"worker":"a"}\n{"worker":"c"}\n');
  });
});
