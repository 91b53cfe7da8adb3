/** The keys of an object, typed. */
export function keysOf<Value extends object>(value: Value): (keyof Value)[] {
  const keys: (keyof Value)[] = [];
  for (const key in value) keys.push(key);
  return keys;
}

/** An object's values under these keys. */
export function pick<Value extends object>(value: Value, keys: Iterable<keyof Value>): Partial<Value> {
  const picked: Partial<Value> = {};
  for (const key of keys) picked[key] = value[key];
  return picked;
}

/** What of a patch isn't so already; `null` where all is. */
export function differing<Value extends object>(value: Value, patch: Partial<Value>): Partial<Value> | null {
  const changed: Partial<Value> = {};
  let any = false;
  for (const key of keysOf(patch)) {
    if (Object.is(value[key], patch[key])) continue;
    changed[key] = patch[key];
    any = true;
  }
  return any ? changed : null;
}
