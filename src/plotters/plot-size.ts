/** What one of a unit is in bytes; without a unit it is bytes. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  bytes: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/**
 * The least bytes that a file may have of which a log says this size: `101.330` with the unit `GiB` was rounded to its
 * last digit. `null` where it is no size.
 */
export function leastBytes(size: string, unit = ''): number | null {
  const factor = UNITS[unit];
  if (factor === undefined || !/^\d+(?:\.\d+)?$/.test(size)) return null;
  if (factor === 1) return Number(size);
  const decimals = size.split('.')[1]?.length ?? 0;
  const least = (Number(size) - 0.5 * 10 ** -decimals) * factor;
  return least > 0 ? Math.floor(least) : null;
}
