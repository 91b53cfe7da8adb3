const SMALLEST = [1e3, 'kB'] as const;
const UNITS = [[1e9, 'GB'], [1e6, 'MB'], SMALLEST] as const;

/** A number of bytes as messages show it: `108.9 GB`, decimal units, as disks are sold. */
export function sized(bytes: number): string {
  const [unit, name] = UNITS.find(([least]) => bytes >= least / 10) ?? SMALLEST;
  return `${(bytes / unit).toFixed(1)} ${name}`;
}

export const BYTES_PER_MIB = 1024 * 1024;
export const BYTES_PER_GIB = 1024 ** 3;

/** Whole mebibytes of a number of bytes, as topics with `_mib` have them. */
export function toMib(bytes: number): number {
  return Math.round(bytes / BYTES_PER_MIB);
}
