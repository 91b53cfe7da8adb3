import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const FOLDER = join(import.meta.dirname, '..');
const SIZE = join(import.meta.dirname, 'size.ts');

/** How a file names another one, in whatever kind of import; the extension may be missing. */
const NAMED = /['"`](\.{1,2}\/[^'"`\n]+?)(\.[jt]s)?['"`]/g;

/**
 * The test files below a folder that have a long version, sorted: those that lead to size.ts, themselves or by what
 * they import. Nothing is to be listed by hand, so none can be forgotten.
 */
export function longFiles(folder = FOLDER, size = SIZE): string[] {
  const named = new Map<string, string[]>();
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name))
    .filter((file) => reachedFrom(file, named).has(size))
    .sort();
}

/** A file and all that it leads to; `named` keeps what each file names, so that each is read once. */
function reachedFrom(file: string, named: Map<string, string[]>): Set<string> {
  const reached = new Set([file]);
  for (const each of reached) {
    const names = named.get(each) ?? namesIn(each);
    named.set(each, names);
    for (const name of names) reached.add(name);
  }
  return reached;
}

function namesIn(file: string): string[] {
  const names = [...readFileSync(file, 'utf8').matchAll(NAMED)];
  return names.map(([, name]) => resolve(dirname(file), `${name}.ts`)).filter((name) => existsSync(name));
}
