import { LAST_WEEK, sumOf } from '../model/tally.ts';
import type { Written } from '../model/written.ts';

/** How fast plots have filled a directory in the last seven days, in bytes a millisecond; less than 0: it got emptier. */
export function growthOf({ since, bytes }: Written, steady: number): number {
  const began = Math.max(since, steady - LAST_WEEK.back);
  return steady > began ? sumOf(bytes, steady, LAST_WEEK) / (steady - began) : 0;
}
