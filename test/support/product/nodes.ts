import { realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';

/** The majors that the project is for (package.json, "engines"). */
export const MAJORS = [20, 22, 24] as const;
export type Major = (typeof MAJORS)[number];

/** A Node.js of this major version: the one that runs this, or the latest from npm's package `node`. */
export async function nodeOf(major: Major): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const { stdout } = await execa('npx', [
    '--yes',
    '--package',
    `node@${major}`,
    'node',
    '-p',
    'process.execPath',
  ]);
  return stdout.trim().split('\n').at(-1) ?? '';
}

/** An environment in which this Node.js is the one of the PATH. */
export function pathWith(node: string, ...before: string[]): { PATH: string } {
  return { PATH: [...before, dirname(node), process.env.PATH ?? ''].join(':') };
}

/** The script of the npm at hand, for any Node.js to run. */
export async function npmScript(): Promise<string> {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const script = await realpath(join(directory, 'npm')).catch(() => '');
    if (script.endsWith('.js')) return script;
  }
  throw new Error('there is no npm in the PATH');
}
