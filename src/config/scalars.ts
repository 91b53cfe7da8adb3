import { Scalar } from 'yaml';
import { type Environment, isCommandKey, isWholeSubstitution, retype, substitute } from './environment.ts';
import { type Path, pathKey } from './positions.ts';
import type { Finding } from './problems.ts';
import type { PlacedSecret } from './secret-places.ts';
import type { Secrets } from './secrets.ts';
import { didYouMean } from './suggestions.ts';
import type { ReadScalar } from './tree.ts';

/** What came out of the scalars beside their values. */
export interface ScalarReader {
  read: ReadScalar;
  findings: Finding[];
  /** Values of `!secret`, to be masked. */
  secrets: PlacedSecret[];
  asksForSecrets: () => boolean;
  /**
   * By path, what a substituted text is as a number or boolean: the schema decides whether it wants one.
   */
  retypable: ReadonlyMap<string, number | boolean>;
}

/** Reads scalars with `${NAME}` and `!secret NAME` replaced. */
export function scalarReader(environment: Environment, known: Secrets): ScalarReader {
  const findings: Finding[] = [];
  const secrets: PlacedSecret[] = [];
  const retypable = new Map<string, number | boolean>();
  let asked = false;

  /** An argument's value may be text or a number: a number, where it looks like one. */
  function typed(text: string, path: Path): unknown {
    const other = retype(text);
    if (other === undefined) return text;
    if (path.at(-2) === 'arguments' || (path.length === 2 && path[0] === 'defaults')) return other;
    retypable.set(pathKey(path), other);
    return text;
  }

  function readSecret(name: string, path: Path): unknown {
    asked = true;
    const text = known.entries.get(name);
    if (text === undefined) {
      if (known.problems.length === 0)
        findings.push({ path, at: 'value', message: missingSecret(name, known.entries.keys()) });
      else findings.push({ path, at: 'value', message: `!secret needs '${name}' in secrets.yaml` });
      return '';
    }
    if (text !== '') secrets.push({ text, path });
    return typed(text, path);
  }

  function read(scalar: Scalar, path: Path): unknown {
    if (scalar.tag === '!secret') return readSecret(String(scalar.value), path);
    if (typeof scalar.value !== 'string' || isCommandKey(path.at(-1))) return scalar.value;
    const { text, problems } = substitute(scalar.value, environment);
    for (const message of problems) findings.push({ path, at: 'value', message });
    const whole = scalar.type === Scalar.PLAIN && isWholeSubstitution(scalar.value);
    return whole && problems.length === 0 ? typed(text, path) : text;
  }

  return { read, findings, secrets, retypable, asksForSecrets: () => asked };
}

function missingSecret(name: string, known: Iterable<string>): string {
  return `secrets.yaml has no '${name}'${didYouMean(name, known)}`;
}
