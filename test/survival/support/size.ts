/** `SURVIVAL=long` runs everything at full size; otherwise a quick version of it. */
export const LONG = process.env.SURVIVAL === 'long';

/** The size of something in the quick version, and in the long one. */
export function size<Value>(quick: Value, long: Value): Value {
  return LONG ? long : quick;
}
