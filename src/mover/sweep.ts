import type { BigIntStats } from 'node:fs';
import { lstat, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { saysAbsent } from '../util/errors.ts';
import { isNoted, type MoveNote, readNote } from './note.ts';

/** A disk that hasn't come back by then won't, milliseconds. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Removes what a move that has ended couldn't remove itself, since its disk was away or read-only; never a copy that was
 * written to its end and is the only plot there is. Resolves with whether nothing is left of it, so that the note may go. For as long as its disk takes to answer; never rejects.
 */
export async function sweepNote(file: string): Promise<boolean> {
  try {
    const note = readNote(file);
    if (note === null) return true;
    const directory = await stat(dirname(note.tmp), { bigint: true });
    const left = await lookAt(note.tmp);
    const isOld = Date.now() - note.at > KEPT_MS;
    const isOurs = left !== null && isNoted(note, left);
    if (isOurs && (await isOnlyOne(note, left))) return isOld;
    if (isOurs) await unlink(note.tmp);
    // Where another disk is mounted, or none, it may still be on its own.
    return left !== null || String(directory.dev) === note.dev || isOld;
  } catch {
    return false;
  }
}

/** Whether a copy is whole, and its source is gone, or on a disk that isn't there. */
async function isOnlyOne({ source }: MoveNote, { size }: BigIntStats): Promise<boolean> {
  if (source === undefined || String(size) !== source.size) return false;
  const present = (await lookAt(source.file)) ?? (await lookAt(`${source.file}.moved`));
  return !present?.isFile() || String(present.size) !== source.size;
}

async function lookAt(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (saysAbsent(error)) return null;
    throw error;
  }
}
