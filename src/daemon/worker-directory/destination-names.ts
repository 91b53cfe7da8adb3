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
 * disk: after a loss of power there is no plotter either. `index`: which of the worker's destinations it is, where its
 * plotter chooses among several.
 */
export async function noteDestination(own: string, destination: string, index = 0): Promise<void> {
  const at = Date.now();
  const found = await namesIn(destination, { timeoutMs: TIMEOUT_MS });
  try {
    if (notedDestination(own, index) !== null) return;
    writeNote(fileIn(own, index), sealed({ at, found }));
  } catch {
    // The disk is full, or doesn't say what was noted before: no reason to keep a plotter from starting.
  }
}

/** What was noted of the destination; `null` where that is damaged or gone. Throws where it can't be read now. */
export function notedDestination(own: string, index = 0): NotedDestination | null {
  return notedSchema.safeParse(readNote(fileIn(own, index))).data ?? null;
}

function fileIn(own: string, index: number): string {
  return join(own, index === 0 ? 'destination.json' : `destination-${index + 1}.json`);
}
