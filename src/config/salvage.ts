import type { Validation } from './messages.ts';
import { type Path, pathKey } from './positions.ts';
import type { Finding } from './problems.ts';

/** What is left of a configuration without what is wrong with it, and all that is. */
export interface Salvaged<T> {
  findings: Finding[];
  /** `null` where too much depends on what is wrong. */
  rest: T | null;
}

/** Rounds of taking out what is wrong: what then comes to light may be wrong, too. */
const MAX_ROUNDS = 20;

/**
 * Takes what is wrong out of a configuration until the rest is valid, so that rules which want a valid value are looked
 * at as well, and all mistakes are told at once. `findings` are the first ones; `tree` is changed.
 */
export function salvage<T>(
  tree: unknown,
  findings: readonly Finding[],
  check: (tree: unknown) => Validation<T>,
): Salvaged<T> {
  const told = [...findings];
  let wrong: readonly Finding[] = findings;
  const taken: Path[] = [];
  for (let round = 0; round < MAX_ROUNDS && wrong.length > 0; round += 1) {
    for (const { path } of wrong) {
      const gone = takeOut(tree, path);
      if (gone === null) return { findings: told, rest: null };
      taken.push(gone);
    }
    const result = check(tree);
    if (result.ok) return { findings: told, rest: result.value };
    const known = new Set(told.map(({ path }) => pathKey(path)));
    wrong = result.findings;
    told.push(
      ...wrong.filter(
        (finding) => !known.has(pathKey(finding.path)) && !taken.some((path) => isOf(finding, path)),
      ),
    );
  }
  return { findings: told, rest: null };
}

/** Takes out a value; where it isn't there, what it is missing in. The path of what went; `null`: nothing is left. */
function takeOut(tree: unknown, path: Path): Path | null {
  const key = path.at(-1);
  if (key === undefined) return null;
  const around = path.slice(0, -1).reduce<unknown>(inside, tree);
  // Gone already, with something around it.
  if (typeof around !== 'object' || around === null) return path;
  if (!Object.hasOwn(around, key)) return path.length > 1 ? takeOut(tree, path.slice(0, -1)) : path;
  // In a list the others keep their places only where the whole list goes.
  if (Array.isArray(around)) return takeOut(tree, path.slice(0, -1));
  Reflect.deleteProperty(around, key);
  return path;
}

function inside(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

/** Whether a problem is only that this was taken out: something beside it asks for it. */
function isOf({ path, message }: Finding, gone: Path): boolean {
  const around = gone.slice(0, -1);
  const beside = path.length === gone.length && around.every((part, index) => part === path[index]);
  return beside && new RegExp(`\\b${String(gone.at(-1)).replace(/\W/g, '.')}\\b`).test(message);
}
