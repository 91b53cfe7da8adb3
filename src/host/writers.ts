import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The lowest bits of a handle's flags say how it was opened: 0 for reading, 1 and 2 for writing (open(2)). */
const ACCESS_MODE = 0o3;

/**
 * Which of these files some process has open for writing, as far as this account can see other processes (Linux:
 * proc(5)). Names are absolute and without links. Never throws: what can't be seen isn't there.
 */
export async function openForWriting(files: ReadonlySet<string>): Promise<Set<string>> {
  const found = new Set<string>();
  if (files.size === 0) return found;
  for (const pid of await names('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const handles = join('/proc', pid, 'fd');
    for (const handle of await names(handles)) {
      const file = await readlink(join(handles, handle)).catch(() => '');
      if (files.has(file) && (await mayWrite(join('/proc', pid, 'fdinfo', handle)))) found.add(file);
    }
  }
  return found;
}

async function names(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

async function mayWrite(info: string): Promise<boolean> {
  const text = await readFile(info, 'utf8').catch(() => '');
  const flags = /^flags:\s*(\d+)/m.exec(text)?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & ACCESS_MODE) !== 0;
}
