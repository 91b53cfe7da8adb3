/** What one of a unit is in bytes. */
const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  ...{ B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 },
};

/** A size as a user writes it, with its unit: `500MB`, `1.5TB`, `20GiB`. */
export const SIZE_PATTERN = /^(\d+(?:\.\d+)?) ?(B|[kKMGT]B|[KMGT]iB)$/;

/** The bytes of such a size; `null` where it is none. */
export function bytesOf(text: string): number | null {
  const [, amount, unit = ''] = SIZE_PATTERN.exec(text) ?? [];
  const each = BYTES_PER_UNIT[unit];
  return each === undefined ? null : Math.round(Number(amount) * each);
}
