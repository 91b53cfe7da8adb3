import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, isScalar } from 'yaml';
import { codeOf, messageOf } from '../util/errors.ts';
import type { Problem } from './problems.ts';
import { parseYaml } from './tree.ts';

export const SECRETS_FILE = 'secrets.yaml';

/** What `!secret` names: texts as they are written, found in secrets.yaml. */
export interface Secrets {
  file: string;
  entries: ReadonlyMap<string, string>;
  /** Why there are no entries, or not all; told only where one is asked for. */
  problems: readonly Problem[];
}

/** Reads secrets.yaml in the directory of config.yaml. Never fails: what is wrong is in `problems`. */
export async function readSecrets(directory: string): Promise<Secrets> {
  const file = join(directory, SECRETS_FILE);
  const problem = (message: string, line = 1, column = 1): Problem => ({
    file,
    line,
    column,
    path: '',
    message,
  });
  try {
    const { document, problems } = parseYaml(await readFile(file, 'utf8'));
    const entries = new Map<string, string>();
    for (const pair of isMap(document.contents) ? document.contents.items : []) {
      if (!isScalar(pair.key) || !isScalar(pair.value)) continue;
      entries.set(String(pair.key.source ?? pair.key.value), String(pair.value.source ?? pair.value.value));
    }
    return {
      file,
      entries,
      problems: problems.map((found) => problem(found.message, found.line, found.column)),
    };
  } catch (error) {
    const message =
      codeOf(error) === 'ENOENT'
        ? 'there is no such file, and config.yaml asks for !secret'
        : messageOf(error);
    return { file, entries: new Map(), problems: [problem(message)] };
  }
}

function textOf(value: unknown): string[] {
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
}

function get(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

/** The passwords of a configuration as it is written, valid or not: they must not be told. */
export function passwordsOf(config: unknown): string[] {
  const mqtt = get(config, 'mqtt');
  const users = get(get(mqtt, 'embedded'), 'users');
  const ofUsers = typeof users === 'object' && users !== null ? Object.values(users).flatMap(textOf) : [];
  return [
    ...textOf(get(mqtt, 'password')),
    ...ofUsers,
    ...textOf(get(mqtt, 'broker')).flatMap(passwordOfUrl),
  ];
}

/** A password in the broker's address is refused, and is a secret all the same. */
function passwordOfUrl(broker: string): string[] {
  const [, password] = /^[^/]*\/\/[^/]*?:([^/]*)@/.exec(broker) ?? [];
  return password === undefined ? [] : [password];
}
