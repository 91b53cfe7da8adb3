import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { resolvePath } from '../../config/paths.ts';

export interface CommandContext {
  /** Where the command will run. */
  directory: string;
  /** Directories in which programs are looked for. */
  path: string;
}

/** A word that the shell takes as it stands, but for a ~ at its beginning. */
const PLAIN = /^[\w@%+=:,./~-]+$/;
const ASSIGNMENT = /^\w+=/;
/** The daemon itself puts this one into the PATH of commands. */
const OURS = 'plot2mqtt';

/**
 * Why a shell snippet can't start, or `null` where nothing is known against it. Nothing of it is run: its syntax is
 * read by the shell, and of plain beginnings (`cd DIR`, `. FILE`, a program) it is looked whether they are there.
 */
export async function commandProblem(snippet: string, context: CommandContext): Promise<string | null> {
  return (await syntaxProblem(snippet)) ?? beginningProblem(snippet, context);
}

async function syntaxProblem(snippet: string): Promise<string | null> {
  const said = await execa('/bin/sh', ['-n', '-c', snippet], { reject: false, stdin: 'ignore' });
  return said.failed ? `the shell can't read it: ${said.stderr.trim() || said.shortMessage}` : null;
}

async function beginningProblem(
  snippet: string,
  { directory, path }: CommandContext,
): Promise<string | null> {
  let here = directory;
  for (const step of snippet.split('&&')) {
    const [first = '', second = ''] = step
      .trim()
      .split(/\s+/)
      .filter((word) => !ASSIGNMENT.test(word) && word !== 'exec');
    if (!PLAIN.test(first)) return null;
    if (first === 'cd' || first === '.') {
      if (!PLAIN.test(second)) return null;
      const target = resolvePath(here, second);
      if (!(await isThere(target))) return `${target} does not exist`;
      // What a file does to the PATH isn't known without running it.
      if (first === '.') return null;
      here = target;
    } else return programProblem(first, here, path);
  }
  return null;
}

async function programProblem(name: string, directory: string, path: string): Promise<string | null> {
  if (name.includes('/')) {
    const file = resolvePath(directory, name);
    if (!(await isThere(file))) return `${file} does not exist`;
    return (await isProgram(file)) ? null : `${file} can't be run by this account`;
  }
  if (name === OURS || (await isBuiltIn(name))) return null;
  for (const place of path.split(delimiter))
    if (place !== '' && (await isProgram(join(place, name)))) return null;
  return `there is no program '${name}' in the PATH`;
}

async function isBuiltIn(name: string): Promise<boolean> {
  const look = ['-c', 'command -v "$0"', name];
  const { failed } = await execa('/bin/sh', look, { env: { PATH: '' }, extendEnv: false, reject: false });
  return !failed;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
