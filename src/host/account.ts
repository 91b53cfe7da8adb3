import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../util/errors.ts';

/** The name of the account that owns this file, or the nearest directory above it that can be looked at. */
export function ownerOf(path: string): string {
  try {
    return accountName(statSync(path).uid);
  } catch (error) {
    if (codeOf(error) === undefined || path === dirname(path)) throw error;
    return ownerOf(dirname(path));
  }
}

/** The account's name (passwd(5)); its number where it has none here. */
function accountName(uid: number): string {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
    const fields = lines.map((line) => line.split(':')).find((parts) => parts[2] === String(uid));
    return fields?.[0] ?? `number ${uid}`;
  } catch {
    return `number ${uid}`;
  }
}
