import { chmodSync, mkdirSync, statSync } from 'node:fs';

/** Modes of what is in `data_dir`: its owner's alone (contract, section 7). */
export const PRIVATE_FILE = 0o600;
export const PRIVATE_DIRECTORY = 0o700;

/**
 * Makes `dir`, parents included, for its owner alone. One that is there and looser is tightened.
 * Throws the system's error where that isn't possible (a file in the way, another owner's directory).
 */
export function ensurePrivateDirectory(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: PRIVATE_DIRECTORY });
  const mode = statSync(dir).mode & 0o777;
  // What the owner took from himself is left as it is: only others' rights go.
  if ((mode & ~PRIVATE_DIRECTORY) !== 0) chmodSync(dir, mode & PRIVATE_DIRECTORY);
}
