import { join } from 'node:path';
import * as z from 'zod';
import { sealed } from '../../storage/sealed.ts';
import { readNote, writeNote } from './sealed-note.ts';

const producedSchema = z.object({ file: z.string() });

/**
 * Notes in a run's own directory which new file in its destination is its plot: its log doesn't say so, and after a
 * crash there may be others. A disk that is full keeps no plot from counting.
 */
export function noteProduced(own: string, file: string): void {
  try {
    writeNote(fileIn(own), sealed({ file }));
  } catch {
    // It is looked for again then.
  }
}

/** What was noted; `null` where nothing was, or it is damaged. Throws where it can't be read now. */
export function notedProduced(own: string): string | null {
  return producedSchema.safeParse(readNote(fileIn(own))).data?.file ?? null;
}

function fileIn(own: string): string {
  return join(own, 'produced.json');
}
