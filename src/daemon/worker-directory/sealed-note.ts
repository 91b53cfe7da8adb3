import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { PRIVATE_FILE } from '../../storage/private.ts';
import { unseal } from '../../storage/sealed.ts';
import { saysAbsent } from '../../util/errors.ts';

/**
 * What a note in a worker's own directory holds, to be checked by the caller; `undefined` where there is none, or it is
 * torn or damaged. Throws where it can't be read now.
 */
export function readNote(file: string): unknown {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if (saysAbsent(error)) return undefined;
    throw error;
  }
  return unseal(bytes);
}

/**
 * Writes a note, sealed, in place of the one before it, which stays whole where the disk is full. One small write that
 * nobody waits for on the disk: after a loss of power there is no process of the worker either. Throws the system's
 * error.
 */
export function writeNote(file: string, note: Buffer): void {
  const draft = `${file}.tmp`;
  writeFileSync(draft, note, { mode: PRIVATE_FILE });
  renameSync(draft, file);
}
