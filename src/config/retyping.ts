import type { Validation } from './messages.ts';
import { type Path, pathKey } from './positions.ts';
import type { ScalarReader } from './scalars.ts';

/**
 * Validates; where text that came from a variable or a secret is refused but would do as the number or boolean
 * that it looks like, it is taken as that.
 */
export function validateRetyping<T>(
  written: unknown,
  { retypable }: Pick<ScalarReader, 'retypable'>,
  check: (value: unknown) => Validation<T>,
): Validation<T> {
  const first = check(written);
  if (first.ok) return first;
  const refused = first.findings.filter(({ path }) => retypable.has(pathKey(path)));
  if (refused.length === 0) return first;
  for (const { path } of refused) put(written, path, retypable.get(pathKey(path)));
  const second = check(written);
  if (second.ok) return second;
  const again = new Map(refused.map((finding) => [pathKey(finding.path), finding]));
  return {
    ok: false,
    findings: second.findings.map((finding) => again.get(pathKey(finding.path)) ?? finding),
  };
}

function put(tree: unknown, path: Path, value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined || typeof tree !== 'object' || tree === null) return;
  if (rest.length === 0) Reflect.set(tree, key, value);
  else put(Reflect.get(tree, key), rest, value);
}
