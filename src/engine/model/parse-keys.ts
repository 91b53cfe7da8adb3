import type * as z from 'zod';
import { isObject } from '../../util/objects.ts';

/** A schema for each key of an object. */
export type Shape<Value extends object> = { readonly [Key in keyof Value]: z.ZodType<Value[Key]> };

/**
 * Some keys of an object, each as its schema has it; `null` where one of them is wrong, or the value no object. Keys
 * that the shape doesn't have are left out.
 */
export function parseKeys<Value extends object>(shape: Shape<Value>, value: unknown): Partial<Value> | null {
  if (!isObject(value)) return null;
  const found: Partial<Value> = {};
  for (const key in shape) {
    // A journal is mostly made of such keys, few of many each: nothing is spent on those that aren't there.
    if (value[key] === undefined) continue;
    const parsed = shape[key].safeParse(value[key]);
    if (!parsed.success) return null;
    found[key] = parsed.data;
  }
  return found;
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
