import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The lowest bits of a handle's flags say how it was opened: 1 for writing alone (open(2)). */
const ACCESS_MODE = 0o3;
const ONLY_WRITES = 1;

/**
 * The handle by which some other process can read a pipe, as a name in /proc that says so as long as it can; `null`
 * where there is none that this account can see. `pipe` is what a handle of it links to (Linux: proc(5)). Never throws.
 */
export async function readerOf(pipe: string): Promise<string | null> {
  for (const pid of await names('/proc')) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) continue;
    const handles = join('/proc', pid, 'fd');
    for (const name of await names(handles)) {
      const handle = join(handles, name);
      if ((await isHandleOf(handle, pipe)) && (await mayRead(join('/proc', pid, 'fdinfo', name))))
        return handle;
    }
  }
  return null;
}

/** Whether such a name still leads to the pipe. */
export async function isHandleOf(handle: string, pipe: string): Promise<boolean> {
  return (await readlink(handle).catch(() => '')) === pipe;
}

async function names(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

async function mayRead(info: string): Promise<boolean> {
  const text = await readFile(info, 'utf8').catch(() => '');
  const flags = /^flags:\s*(\d+)/m.exec(text)?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & ACCESS_MODE) !== ONLY_WRITES;
}
