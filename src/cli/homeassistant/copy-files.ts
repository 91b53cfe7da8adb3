import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, type Installed } from './installed.ts';
import { lookAt, putFile } from './put-file.ts';
import type { ShippedFile } from './shipped.ts';

/** What became of a file: `left` was changed by hand, or put there by somebody else. */
export type Outcome = 'new' | 'replaced' | 'same' | 'left' | 'removed';

export interface Copied {
  outcomes: ReadonlyMap<string, Outcome>;
  /** What is known of the directory now. */
  installed: Installed;
  /** The first file that could not be written; what came after it was not tried. */
  failed: { path: string; error: unknown } | null;
}

/**
 * Copies files into Home Assistant's configuration directory. What an earlier run has put there is replaced, and removed
 * where it is shipped no more; what was changed since stays as it is.
 */
export function copyFiles(directory: string, files: readonly ShippedFile[], before: Installed): Copied {
  const outcomes = new Map<string, Outcome>();
  const installed = new Map(before);
  const shipped = new Map(files.map((file) => [file.path, file]));
  for (const path of new Set([...shipped.keys(), ...before.keys()])) {
    try {
      const file = shipped.get(path);
      const outcome = file ? bring(directory, file, before) : takeAway(directory, path, before);
      if (outcome !== undefined) outcomes.set(path, outcome);
      if (!file) installed.delete(path);
      else if (outcome !== 'left') installed.set(path, hashOf(file.content));
    } catch (error) {
      return { outcomes, installed, failed: { path, error } };
    }
  }
  return { outcomes, installed, failed: null };
}

function bring(directory: string, { path, content }: ShippedFile, before: Installed): Outcome {
  const target = join(directory, path);
  const there = lookAt(target);
  if (there !== null && there !== 'other') {
    if (there.equals(content)) return 'same';
    if (hashOf(there) !== before.get(path)) return 'left';
  }
  if (there === 'other') return 'left';
  putFile(target, content);
  return there === null ? 'new' : 'replaced';
}

/** A file that an earlier version had; `undefined`: it is gone already. */
function takeAway(directory: string, path: string, before: Installed): Outcome | undefined {
  const target = join(directory, path);
  const there = lookAt(target);
  if (there === null) return undefined;
  if (there === 'other' || hashOf(there) !== before.get(path)) return 'left';
  rmSync(target);
  return 'removed';
}
