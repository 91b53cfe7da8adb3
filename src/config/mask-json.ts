/**
 * Says of a string or number inside an object, by the keys that lead to it (places in lists left out), whether it is
 * text of free form. Keys themselves never are.
 */
export type FreeForm = (keys: readonly string[], value: string | number) => boolean;

/** A JSON text whose values of free form are masked; a text that is no JSON is masked as a whole. */
export function maskJson(json: string, mask: (text: string) => string, isFree: FreeForm): string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return mask(json);
  }
  return JSON.stringify(masked(value, [], mask, isFree));
}

function masked(
  value: unknown,
  keys: readonly string[],
  mask: (text: string) => string,
  isFree: FreeForm,
): unknown {
  if (typeof value === 'string') return isFree(keys, value) ? mask(value) : value;
  if (typeof value === 'number') {
    if (!isFree(keys, value)) return value;
    const text = mask(String(value));
    return text === String(value) ? value : text;
  }
  if (Array.isArray(value)) return value.map((item) => masked(item, keys, mask, isFree));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    masked(inner, [...keys, key], mask, isFree),
  ]);
  return Object.fromEntries(entries);
}
