/** This set with one more value; the set itself stays as it is, so that a step can be undone. */
export function withValue<Value>(set: ReadonlySet<Value>, value: Value): ReadonlySet<Value> {
  return new Set(set).add(value);
}

/** This set without a value. */
export function withoutValue<Value>(set: ReadonlySet<Value>, value: Value): ReadonlySet<Value> {
  const rest = new Set(set);
  rest.delete(value);
  return rest;
}

/** This map with a value under a key. */
export function withKey<Key, Value>(
  map: ReadonlyMap<Key, Value>,
  key: Key,
  value: Value,
): ReadonlyMap<Key, Value> {
  return new Map(map).set(key, value);
}

/** This map without a key. */
export function withoutKey<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
  if (!map.has(key)) return map;
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
