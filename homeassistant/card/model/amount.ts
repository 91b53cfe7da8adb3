import type { EntityState } from '../homeassistant.ts';
import { numberIn, textIn, valueIn } from './values.ts';

const UNITS: Readonly<Record<string, number>> = {
  ...{ B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15 },
  ...{ s: 1, min: 60, h: 3600, d: 86_400 },
  ...{ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40, PiB: 2 ** 50 },
};

/** Bytes, bytes a second or seconds, whatever unit the user has chosen for them; `null` where that isn't known. */
export function amountIn(state: EntityState | undefined): number | null {
  const value = numberIn(valueIn(state));
  const unit = UNITS[textIn(state?.attributes, 'unit_of_measurement')?.replace('/s', '') ?? ''];
  return value === null || unit === undefined ? null : value * unit;
}
