import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isMap, isScalar } from 'yaml';
import { codeOf, messageOf } from '../util/errors.ts';
import { type Environment, stateDirectory, substitute } from './environment.ts';
import { resolvePath } from './paths.ts';
import { readSecrets } from './secrets.ts';
import { parseYaml } from './tree.ts';

/** Where the daemon that runs a configuration has its state. */
export type DataDirOfFile =
  /** The file names it; a value of `!secret` in it is not to be shown. */
  | { kind: 'set'; dataDir: string; secrets: string[] }
  /** The file names none: where it is then, the likeliest first. */
  | { kind: 'default'; dataDirs: string[] }
  | { kind: 'problem'; message: string };

/**
 * Reads `data_dir` of config.yaml and nothing else, for commands that speak to a daemon that runs already: whatever is
 * wrong with the rest of the file, or isn't set in this environment, is no matter to them. Never throws.
 */
export async function readDataDir(name: string, env: Environment): Promise<DataDirOfFile> {
  const file = resolve(name);
  const directory = dirname(file);
  try {
    const written = await dataDirIn(await readFile(file, 'utf8'), directory, env);
    if (written === null) return { kind: 'default', dataDirs: defaultDataDirs(directory, env) };
    if ('problem' in written) return { kind: 'problem', message: `${file}: data_dir: ${written.problem}` };
    return { kind: 'set', dataDir: resolvePath(directory, written.value), secrets: written.secrets };
  } catch (error) {
    const message =
      codeOf(error) === 'ENOENT'
        ? `there is no configuration at ${file}`
        : `${file} can't be read: ${messageOf(error)}`;
    return { kind: 'problem', message };
  }
}

async function dataDirIn(
  text: string,
  directory: string,
  env: Environment,
): Promise<{ value: string; secrets: string[] } | { problem: string } | null> {
  const { contents } = parseYaml(text).document;
  const node = isMap(contents) ? contents.get('data_dir', true) : undefined;
  if (!isScalar(node) || node.value === null) return null;
  if (node.tag === '!secret') {
    const secret = (await readSecrets(directory)).entries.get(String(node.value));
    if (secret === undefined) return { problem: `secrets.yaml has no '${node.value}'` };
    return { value: secret, secrets: [secret] };
  }
  const { text: value, problems } = substitute(String(node.value), env);
  return problems[0] === undefined ? { value, secrets: [] } : { problem: problems[0] };
}

function defaultDataDirs(directory: string, env: Environment): string[] {
  const given = stateDirectory(env);
  return [
    ...(given === undefined ? [] : [given]),
    join(directory, 'data'),
    '/var/lib/plot2mqtt',
    resolvePath('/', '~/.local/state/plot2mqtt'),
  ];
}
