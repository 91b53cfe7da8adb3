import { join } from 'node:path';
import * as z from 'zod';
import { namesIn } from '../../host/directories.ts';
import { sealed } from '../../storage/sealed.ts';
import { readNote, writeNote } from './sealed-note.ts';

/** A plotter isn't kept waiting for longer by a disk that doesn't answer. */
const TIMEOUT_MS = 5_000;

const notedSchema = z.object({
  at: z.number(),
  /** `null` where the disk didn't answer in time. */
  found: z.object({ ino: z.string(), names: z.array(z.string()) }).nullable(),
});
export type NotedDestination = z.infer<typeof notedSchema>;

/**
 * Notes in a worker's own directory what stands in its destination before its plotter begins. Names alone: to ask a
 * farm's thousands of plots for their times would take too long, and times follow clocks that are set, or a server's.
 * What was noted whole before a crash stays; what a full disk took only in part is noted again. Nobody waits for the
 * disk: after a loss of power there is no plotter either.
 */
export async function noteDestination(own: string, destination: string): Promise<void> {
  const at = Date.now();
  const found = await namesIn(destination, { timeoutMs: TIMEOUT_MS });
  try {
    if (notedDestination(own) !== null) return;
    writeNote(fileIn(own), sealed({ at, found }));
  } catch {
    // The disk is full, or doesn't say what was noted before: no reason to keep a plotter from starting.
  }
}

/** What was noted of the destination; `null` where that is damaged or gone. Throws where it can't be read now. */
export function notedDestination(own: string): NotedDestination | null {
  return notedSchema.safeParse(readNote(fileIn(own))).data ?? null;
}

function fileIn(own: string): string {
  return join(own, 'destination.json');
}
