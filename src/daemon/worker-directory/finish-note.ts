import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sealed } from '../../storage/sealed.ts';
import { writeNote } from './sealed-note.ts';

/**
 * Notes in a run's own directory that its plotter is asked to end after its plot; false where it was asked before, or
 * that can't be noted. A second signal may mean something else to it, so that none is sent that may be one.
 */
export function noteFinish(dir: string, signal: NodeJS.Signals): boolean {
  const file = join(dir, 'finish.json');
  if (existsSync(file)) return false;
  try {
    writeNote(file, sealed({ signal, at: Date.now() }));
    return true;
  } catch {
    return false;
  }
}
