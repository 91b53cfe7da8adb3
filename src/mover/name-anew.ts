import { linkSync, renameSync } from 'node:fs';
import { lacksHardLinks } from '../storage/atomic.ts';
import { codeOf } from '../util/errors.ts';
import { lookAt } from './note.ts';

/**
 * `linked`: the file has both names; `renamed`: the new one alone; `taken`: there is a file of the new name, which
 * stays as it is; `elsewhere`: the new name would be on another file system.
 */
export type NamedAnew = 'linked' | 'renamed' | 'taken' | 'elsewhere';

/**
 * Gives a file another name, where there is none: link(2) never overwrites, as rename(2) does. A file system without
 * hard links (exFAT, some network and FUSE file systems) has nothing that could be asked to look and rename in one step:
 * there it is looked first, and who makes a file of that name in the microseconds between loses it.
 */
export function nameAnew(from: string, to: string): NamedAnew {
  try {
    linkSync(from, to);
    return 'linked';
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return 'taken';
    if (codeOf(error) === 'EXDEV') return 'elsewhere';
    if (!lacksHardLinks(error)) throw error;
  }
  if (lookAt(to) !== null) return 'taken';
  try {
    renameSync(from, to);
    return 'renamed';
  } catch (error) {
    if (codeOf(error) === 'EXDEV') return 'elsewhere';
    throw error;
  }
}
