import { totalmem } from 'node:os';
import { OSUtils } from 'node-os-utils';
import { toMib } from '../util/bytes.ts';
import type { MemoryFigures } from './figures.ts';

/**
 * The host's memory, by node-os-utils: used is what isn't available, so that caches don't count (`MemAvailable` of
 * proc_meminfo(5)). Null where it isn't known. Never throws. In a file of its own: the package is CommonJS, whose names
 * a bundle only finds by a static import, and only this file is loaded late.
 */
export async function memoryFigures(): Promise<MemoryFigures> {
  try {
    // It throws on systems that it doesn't know.
    const info = await new OSUtils({ cacheEnabled: false }).memory.info();
    // Where it can't read /proc/meminfo, it gives numbers of KiB for numbers of bytes.
    if (info.success && info.data.total.toBytes() > totalmem() / 2) {
      const { used, total } = info.data;
      return { memory_used_mib: toMib(used.toBytes()), memory_total_mib: toMib(total.toBytes()) };
    }
  } catch {
    // Unknown, then.
  }
  return { memory_used_mib: null, memory_total_mib: null };
}
