import { join } from 'node:path';
import { isMap, isScalar } from 'yaml';
import { codeOf, messageOf } from '../util/errors.ts';
import { readText } from './file-text.ts';
import type { Path } from './positions.ts';
import type { Finding, Problem } from './problems.ts';
import type { PlacedSecret } from './secret-places.ts';
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
    const read = await readText(file);
    if ('wrong' in read)
      return { file, entries: new Map(), problems: [problem(read.wrong, read.at.line, read.at.column)] };
    const { document, problems } = parseYaml(read.text);
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

function placed(value: unknown, path: Path): PlacedSecret[] {
  return typeof value === 'string' || typeof value === 'number' ? [{ text: String(value), path }] : [];
}

function get(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

/** The passwords of a configuration as it is written, valid or not: they must not be told. */
export function passwordsOf(config: unknown): PlacedSecret[] {
  const mqtt = get(config, 'mqtt');
  const users = get(get(mqtt, 'embedded'), 'users');
  const ofUsers = typeof users === 'object' && users !== null ? Object.entries(users) : [];
  return [
    ...placed(get(mqtt, 'password'), ['mqtt', 'password']),
    ...ofUsers.flatMap(([name, password]) => placed(password, ['mqtt', 'embedded', 'users', name])),
    ...placed(get(mqtt, 'broker'), ['mqtt', 'broker']).flatMap(passwordOfUrl),
  ].filter(({ text }) => text !== '');
}

/** A password that was written and is none; `told` is what was found already. */
export function emptyPasswords(config: unknown, told: readonly Finding[]): Finding[] {
  const mqtt = get(config, 'mqtt');
  if (typeof mqtt !== 'object' || mqtt === null || !('password' in mqtt)) return [];
  const path = ['mqtt', 'password'];
  const isTold = told.some((finding) => finding.path.join('.') === path.join('.'));
  if (isTold || (mqtt.password !== undefined && mqtt.password !== '')) return [];
  const message = 'the password is empty; one that begins with "#" needs quotes';
  return [{ path, at: 'key', message, warning: true }];
}

/** A password in the broker's address is refused, and is a secret all the same. */
function passwordOfUrl({ text, path }: PlacedSecret): PlacedSecret[] {
  const [, password] = /^[^/]*\/\/[^/]*?:([^/]*)@/.exec(text) ?? [];
  return password === undefined ? [] : [{ text: password, path }];
}
