import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { syncDirectory } from '../atomic.ts';
import { PRIVATE_DIRECTORY } from '../private.ts';
import type { StateFiles } from './state-files.ts';

/** How long the files of an older version are kept, in milliseconds (contract, version 2). */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const KEPT_NAME = /^state\.v\d+$/;

/**
 * Keeps the files of an older version as `state.v<version>/`, once, so that there is a way back from an upgrade.
 * Returns the directory where that was done now, else null.
 */
export function keepOldVersion(files: StateFiles, version: number): string | null {
  const kept = join(files.dir, `state.v${version}`);
  if (existsSync(kept)) return null;
  const draft = `${kept}.tmp`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: PRIVATE_DIRECTORY });
  const journals = files.journals().map((generation) => files.journal(generation));
  for (const file of [files.state, files.previous, ...journals])
    if (existsSync(file)) copyFileSync(file, join(draft, basename(file)));
  renameSync(draft, kept);
  syncDirectory(files.dir);
  return kept;
}

/** At a clean stop: the files of older versions go when they have been kept for 7 days. */
export function dropOldVersions(files: StateFiles, now: Date): void {
  for (const name of readdirSync(files.dir).filter((each) => KEPT_NAME.test(each))) {
    const kept = join(files.dir, name);
    if (now.getTime() - statSync(kept).mtimeMs >= KEPT_MS) rmSync(kept, { recursive: true, force: true });
  }
}
