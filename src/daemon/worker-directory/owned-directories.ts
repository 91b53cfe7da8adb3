import { join } from 'node:path';
import * as z from 'zod';
import { sealed } from '../../storage/sealed.ts';
import { readNote, writeNote } from './sealed-note.ts';

/** What a worker made itself: beside it nothing is its own. */
const ownedSchema = z.object({
  /** Its temporary directories, each with its inode. */
  temp_dirs: z.array(z.object({ path: z.string(), ino: z.string() })),
});
export type OwnedDirectories = z.infer<typeof ownedSchema>;

function fileIn(directory: string): string {
  return join(directory, 'own.json');
}

/** What was written down in the worker's directory; `null` where nothing was, or it is damaged. */
export function readOwnedDirectories(directory: string): OwnedDirectories | null {
  try {
    return ownedSchema.safeParse(readNote(fileIn(directory))).data ?? null;
  } catch {
    return null;
  }
}

/** Writes it down, before the plotter begins. Throws where the worker's directory can't be written. */
export function writeOwnedDirectories(directory: string, owned: OwnedDirectories): void {
  writeNote(fileIn(directory), sealed(owned));
}
