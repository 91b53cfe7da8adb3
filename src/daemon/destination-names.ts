import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Before } from '../engine/final-plot.ts';
import { namesIn } from '../host/directories.ts';
import { writeFileAtomic } from '../storage/atomic.ts';
import { saysAbsent } from '../util/errors.ts';

/** A plotter isn't kept waiting for longer by a disk that doesn't answer. */
const TIMEOUT_MS = 5_000;

const notedSchema = z.object({ at: z.number(), ino: z.string(), names: z.array(z.string()) });
export type NotedDestination = z.infer<typeof notedSchema>;

/**
 * Notes in a worker's own directory what stands in its destination before its plotter begins. Names alone: to ask a
 * farm's thousands of plots for their times would take too long, and times follow clocks that are set, or a server's.
 * Where the disk doesn't answer in time nothing is noted. What was noted whole before a crash stays; what a full disk
 * took only in part is noted again.
 */
export async function noteDestination(own: string, destination: string): Promise<void> {
  const at = Date.now();
  const found = await namesIn(destination, { timeoutMs: TIMEOUT_MS });
  if (found === null) return;
  try {
    if (notedDestination(own) === null) writeFileAtomic(fileIn(own), JSON.stringify({ at, ...found }));
  } catch {
    // The disk is full, or doesn't say what was noted before: no reason to keep a plotter from starting.
  }
}

/**
 * Whether a name was in the destination before the plotter began; `null` where that wasn't noted, or only in part.
 * Throws where the note can't be read now.
 */
export function wasInDestination(own: string, name: string): Before | null {
  const noted = notedDestination(own);
  return noted && { there: noted.names.includes(name), at: noted.at };
}

/** What was noted of the destination; `null` where nothing was, or only in part. Throws where it can't be read now. */
export function notedDestination(own: string): NotedDestination | null {
  let text: string;
  try {
    text = readFileSync(fileIn(own), 'utf8');
  } catch (error) {
    if (saysAbsent(error)) return null;
    throw error;
  }
  return parse(text);
}

function parse(text: string): NotedDestination | null {
  try {
    return notedSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function fileIn(own: string): string {
  return join(own, 'destination.json');
}
