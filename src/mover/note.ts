import { type BigIntStats, lstatSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { syncDirectory, writeFileAtomic } from '../storage/atomic.ts';
import { saysAbsent } from '../util/errors.ts';

/**
 * What a move has written, or is about to write, in its destination, by which it knows that again after a crash: the
 * `.tmp` under this name is its own where it is the noted file, and nobody else's is ever touched.
 */
const noteSchema = z.object({
  /** Absolute name of its `.tmp`. */
  tmp: z.string(),
  /** What its file system was known by then: until the host starts anew. */
  dev: z.string(),
  /** Inode and time of birth of what it has made; `null`: it was about to make it, and nothing was there. */
  made: z.object({ ino: z.string(), born: z.string() }).nullable(),
  /** It was there before, with the same content: it isn't this move's to take away. */
  found: z.boolean().optional(),
  /** What it is a copy of: absolute name and bytes. Notes of earlier releases don't say it. */
  source: z.object({ file: z.string(), size: z.string() }).optional(),
  /** When nothing was there, by the clock; milliseconds since 1970. */
  at: z.number(),
});
export type MoveNote = z.infer<typeof noteSchema>;

/** The note in this file; `null` where nothing is noted. */
export function readNote(file: string): MoveNote | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (saysAbsent(error)) return null;
    throw error;
  }
  try {
    const parsed = noteSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    // It is written whole or not at all: this is a damaged one, which says nothing.
    return null;
  }
}

/** Writes a note; it survives a loss of power. */
export function writeNote(file: string, note: MoveNote): void {
  writeFileAtomic(file, JSON.stringify(note));
}

/** Nothing is left of what was noted. */
export function removeNote(file: string): void {
  rmSync(file, { force: true });
  syncDirectory(dirname(file));
}

/** What a file is known by, on its file system, as long as it is there. */
export function madeOf({ ino, birthtimeNs }: BigIntStats): NonNullable<MoveNote['made']> {
  return { ino: String(ino), born: String(birthtimeNs) };
}

/** Whether the note is about this file. */
export function isNoted(note: MoveNote | null, found: BigIntStats): boolean {
  if (note === null || !found.isFile()) return false;
  const { ino, born } = madeOf(found);
  if (note.made !== null) return note.made.ino === ino && note.made.born === born;
  // Made, and the crash came before that was noted: nothing was in its place, and nothing is in it.
  return found.size === 0n && Number(found.mtimeMs) >= note.at - CLOCK_STEP_MS;
}

/** The kernel's clock for files goes in ticks, and is behind by one at the most. */
const CLOCK_STEP_MS = 20;

/** What is under a name itself, links not followed; `null` where nothing is. */
export function lookAt(path: string): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    if (saysAbsent(error)) return null;
    throw error;
  }
}
