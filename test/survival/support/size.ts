/**
 * `SURVIVAL=long` runs at full size what comes in two sizes, and only the files that have such tests (long-files.ts);
 * otherwise everything runs, in the quick version.
 */
export const LONG = process.env.SURVIVAL === 'long';

/** The size of something in the quick version, and in the long one. */
export function size<Value>(quick: Value, long: Value): Value {
  return LONG ? long : quick;
}
