import { OSUtils } from 'node-os-utils';
import { toMib } from '../util/bytes.ts';
import type { MemoryFigures } from './figures.ts';

const { memory } = new OSUtils({ cacheEnabled: false });

/**
 * What node-os-utils knows of memory; null where it doesn't know the system. In a file of its own: the package is
 * CommonJS, whose names a bundle only finds by a static import, and only this file is loaded late.
 */
export async function memoryByPackage(): Promise<MemoryFigures> {
  const info = await memory.info().catch(() => null);
  if (!info?.success) return { memory_used_mib: null, memory_total_mib: null };
  const { used, total } = info.data;
  return { memory_used_mib: toMib(used.toBytes()), memory_total_mib: toMib(total.toBytes()) };
}
