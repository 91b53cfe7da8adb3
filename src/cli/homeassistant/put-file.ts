import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { saysAbsent } from '../../util/errors.ts';

/**
 * Puts a file in place whole, with its folders, for any account to read: Home Assistant mostly runs as another one.
 * @throws what the file system says; nothing half is left then
 */
export function putFile(file: string, content: Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, content, { mode: 0o644 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** What is there: the content of a file, `null` where there is nothing, `other` for links, directories and the like. */
export function lookAt(file: string): Buffer | null | 'other' {
  try {
    return lstatSync(file).isFile() ? readFileSync(file) : 'other';
  } catch (error) {
    if (saysAbsent(error)) return null;
    throw error;
  }
}
