import { MASK } from '../../config/mask.ts';

/**
 * Where something that was masked stands in fields that came in: the keys that lead to it. Taken over it would stand in
 * place of the secret (contract, section 2).
 */
export function maskedValue(value: unknown, path: readonly string[] = []): readonly string[] | null {
  if (typeof value === 'string') return value.includes(MASK) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = maskedValue(inner, [...path, key]);
    if (found !== null) return found;
  }
  return null;
}
