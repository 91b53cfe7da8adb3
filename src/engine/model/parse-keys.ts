import type * as z from 'zod';
import { isObject } from '../../util/objects.ts';

/** A schema for each key of an object. */
export type Shape<Value extends object> = { readonly [Key in keyof Value]: z.ZodType<Value[Key]> };

/**
 * Reads some keys of an object, each as its schema has it: `null` where one of them is wrong, or the value no object.
 * Keys that the shape doesn't have are left out.
 */
export function keyParser<Value extends object>(
  shape: Shape<Value>,
): (value: unknown) => Partial<Value> | null {
  const known = knownKeys(shape);
  return (value) => {
    if (!isObject(value)) return null;
    const found: Partial<Value> = {};
    // A journal is mostly made of such keys, few of many each: nothing is spent on those that aren't there.
    for (const name in value) {
      const key = known.get(name);
      if (key === undefined) continue;
      const parsed = shape[key].safeParse(value[name]);
      if (!parsed.success) return null;
      found[key] = parsed.data;
    }
    return found;
  };
}

function knownKeys<Value extends object>(shape: Shape<Value>): ReadonlyMap<string, keyof Value> {
  const known = new Map<string, keyof Value>();
  for (const key in shape) known.set(key, key);
  return known;
}

/** The keys that are right; the others are named. */
export function rightKeys<Value extends object>(
  shape: Shape<Value>,
  value: Readonly<Record<string, unknown>>,
  wrong: (key: string) => void,
): Partial<Value> {
  const found: Partial<Value> = {};
  for (const key in shape) {
    const parsed = shape[key].safeParse(value[key]);
    if (parsed.success) found[key] = parsed.data;
    else wrong(key);
  }
  return found;
}
