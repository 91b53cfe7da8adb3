import { OSUtils } from 'node-os-utils';
import { toMib } from '../util/bytes.ts';
import type { MemoryFigures } from './figures.ts';

/**
 * What node-os-utils knows of memory; null where it doesn't know the system. In a file of its own: the package is
 * CommonJS, whose names a bundle only finds by a static import, and only this file is loaded late.
 */
export async function memoryByPackage(): Promise<MemoryFigures> {
  try {
    // It throws on systems that it doesn't know.
    const info = await new OSUtils({ cacheEnabled: false }).memory.info();
    if (info.success) {
      const { used, total } = info.data;
      return { memory_used_mib: toMib(used.toBytes()), memory_total_mib: toMib(total.toBytes()) };
    }
  } catch {
    // Unknown, then.
  }
  return { memory_used_mib: null, memory_total_mib: null };
}
