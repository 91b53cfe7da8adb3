/**
 * `SURVIVAL=long` runs at full size what comes in two sizes, and only the files that have such tests (long-files.ts);
 * otherwise everything runs, in the quick version.
 */
export const LONG = process.env.SURVIVAL === 'long';

/** The size of something in the quick version, and in the long one. */
export function size<Value>(quick: Value, long: Value): Value {
  return LONG ? long : quick;
}

/** `SURVIVAL_PART=8` plays an eighth of the long version's rounds, where half an hour has to do for everything. */
const PART = Number(process.env.SURVIVAL_PART ?? 1);

/** How many rounds of something: more of them find more, fewer prove the same. */
export function rounds(quick: number, long: number): number {
  return LONG ? Math.max(quick, Math.ceil(long / PART)) : quick;
}
