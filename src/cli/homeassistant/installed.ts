import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { saysAbsent } from '../../util/errors.ts';
import { putFile } from './put-file.ts';
import { DASHBOARDS } from './shipped.ts';

/**
 * What an earlier run has put into the directory: by its path the hash of what was written. It tells files that are as
 * they were put there from those that somebody has changed since.
 */
export type Installed = ReadonlyMap<string, string>;

const LIST = join(DASHBOARDS, '.installed.json');
// A name is joined to the directory and removed when it is no longer shipped: only such as shipped ones are.
const path = z.string().regex(/^(?!\.)[\w-]+(\/(?!\.)[\w.-]+)+$/);
const list = z.object({ version: z.string(), files: z.record(path, z.string()) });

export function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Reads the list that an earlier run has left.
 * @throws where it is there and can't be read: without it what was changed by hand isn't known
 */
export function readInstalled(directory: string): Installed {
  try {
    const parsed = list.parse(JSON.parse(readFileSync(join(directory, LIST), 'utf8')));
    return new Map(Object.entries(parsed.files));
  } catch (error) {
    if (saysAbsent(error)) return new Map();
    throw new Error(
      `${join(directory, LIST)} isn't what an earlier run has written there: remove it, and what was put there before counts as changed by hand`,
      { cause: error },
    );
  }
}

export function writeInstalled(directory: string, files: Installed, version: string): void {
  const content = { version, files: Object.fromEntries([...files].sort()) };
  putFile(join(directory, LIST), Buffer.from(`${JSON.stringify(content, null, 2)}\n`));
}
