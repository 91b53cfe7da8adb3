import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Environment } from '../../../src/config/environment.ts';
import { type LoadedConfig, loadConfig } from '../../../src/config/load.ts';
import { FIXED_WORDS } from '../../../src/daemon/configuration/fixed-words.ts';

export const BUILT_IN = ['chia', 'madmax'];

export interface Written {
  env?: Environment;
  secrets?: string;
}

const directories: string[] = [];
afterAll(() => Promise.all(directories.splice(0).map((each) => rm(each, { recursive: true, force: true }))));

/** Writes a config.yaml, and a secrets.yaml where there is one, into a directory of their own. */
export async function write(text: string, { secrets }: Written = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'plot2mqtt-config-'));
  directories.push(directory);
  await writeFile(join(directory, 'config.yaml'), text);
  if (secrets !== undefined) await writeFile(join(directory, 'secrets.yaml'), secrets);
  return join(directory, 'config.yaml');
}

export async function load(text: string, written: Written = {}) {
  return loadConfig(await write(text, written), {
    env: written.env ?? {},
    builtIn: BUILT_IN,
    fixedWords: FIXED_WORDS,
  });
}

/** The configuration that the text is; fails with its problems where it is none. */
export async function loaded(text: string, written: Written = {}): Promise<LoadedConfig> {
  const result = await load(text, written);
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('\n'));
  return result;
}

/** What is wrong with the text, a line each: `line:column path: message`. */
export async function problemsOf(text: string, written: Written = {}): Promise<string[]> {
  const result = await load(text, written);
  if (result.ok) return [];
  return result.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}
