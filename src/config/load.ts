import { dirname, resolve } from 'node:path';
import { type Document, isScalar } from 'yaml';
import { codeOf, messageOf as errorMessage } from '../util/errors.ts';
import { isObject } from '../util/objects.ts';
import { checkEnergyTopics } from './energy-topics.ts';
import { type Environment, stateDirectory } from './environment.ts';
import { type FileText, readText } from './file-text.ts';
import { createMask } from './mask.ts';
import { validate } from './messages.ts';
import { resolvePaths } from './paths.ts';
import type { Path, Position } from './positions.ts';
import { type Finding, maskProblem, type Problem, sortProblems, toProblem } from './problems.ts';
import { checkReferences, sectionOf } from './references.ts';
import { validateRetyping } from './retyping.ts';
import { salvage } from './salvage.ts';
import { scalarReader } from './scalars.ts';
import { type Config, configSchema } from './schema/config.ts';
import { checkSecrets, spelledOut } from './secret-places.ts';
import { emptyPasswords, passwordsOf, readSecrets } from './secrets.ts';
import { checkTargets } from './targets.ts';
import { buildTree, parseYaml } from './tree.ts';

export interface LoadOptions {
  env: Environment;
  /** Ids of the plotters that are built in. */
  builtIn: readonly string[];
  /** What messages carry, and no secret may be. */
  fixedWords: ReadonlySet<string>;
}

export interface LoadedConfig {
  ok: true;
  /** Every default filled in; paths of files and of `data_dir` absolute, arguments as they are written. */
  config: Config;
  /** Passwords and values of `!secret`: `createMask` takes them. */
  secrets: readonly string[];
  /** What looks like a mistake, and keeps nothing from working. */
  warnings: readonly Problem[];
  /** Absolute name of the file, and of the directory that it is in. */
  file: string;
  directory: string;
  /** Where a key or value stands in the file; for one that doesn't, where what it belongs to stands. */
  locate(path: Path, at?: 'key' | 'value'): Position;
}

/** A file that is wrong somewhere; `rest`: what is right in it, by which more may be found to be wrong. */
export interface WrongConfig {
  ok: false;
  problems: Problem[];
  rest?: LoadedConfig;
  /** The places of the problems. */
  told?: readonly Path[];
}

export type LoadResult = LoadedConfig | WrongConfig;

/**
 * Reads config.yaml and the secrets.yaml beside it. Never throws: whatever is wrong comes back as problems,
 * all at once, none of which quotes a secret.
 */
export async function loadConfig(name: string, options: LoadOptions): Promise<LoadResult> {
  const file = resolve(name);
  const ofFile = (message: string, { line, column }: Position = { line: 1, column: 1 }): Problem => ({
    file,
    line,
    column,
    path: '',
    message,
  });
  let read: FileText;
  try {
    read = await readText(file);
  } catch (error) {
    return { ok: false, problems: [ofFile(unreadable(file, error))] };
  }
  if ('wrong' in read) return { ok: false, problems: [ofFile(read.wrong, read.at)] };
  try {
    return await understand(file, read.text, options, ofFile);
  } catch (error) {
    // The parser's own recursion has no limit.
    if (error instanceof RangeError) return { ok: false, problems: [ofFile('nested too deeply')] };
    throw error;
  }
}

async function understand(
  file: string,
  text: string,
  { env, builtIn, fixedWords }: LoadOptions,
  ofFile: (message: string, position: Position) => Problem,
): Promise<LoadResult> {
  const directory = dirname(file);
  const yaml = parseYaml(text);
  // What a broken text would mean is a guess: no further problems are told.
  if (yaml.problems.length > 0)
    return { ok: false, problems: sortProblems(yaml.problems.map((found) => ofFile(found.message, found))) };

  // An editor or a full disk may leave one behind: taken for a configuration it would delete all jobs.
  if (isEmpty(yaml.document)) return { ok: false, problems: [ofFile(EMPTY, { line: 1, column: 1 })] };

  const known = await readSecrets(directory);
  const scalars = scalarReader(env, known);
  const tree = buildTree(yaml, scalars.read);
  const written = withDefaultDataDir(tree.value, env);
  const passwords = passwordsOf(written);
  const secrets = [
    ...new Set([...spelledOut(scalars.secrets, directory), ...passwords.map(({ text: each }) => each)]),
  ];

  const references = [
    ...checkReferences(written, builtIn),
    ...checkTargets(written),
    ...checkEnergyTopics(written),
    ...checkSecrets([...scalars.secrets, ...passwords], written, builtIn, fixedWords),
  ];
  const schema = configSchema(sectionOf(written, 'plotters'));
  const result = validateRetyping(written, scalars, (value) => validate(schema, value));
  const findings = [
    ...tree.findings,
    ...scalars.findings,
    ...references,
    ...emptyPasswords(written, [...tree.findings, ...scalars.findings]),
  ];
  const left = result.ok
    ? { findings: [], rest: result.value }
    : salvage(written, result.findings, (value) => validate(schema, value));
  findings.push(...without(left.findings, [...scalars.findings, ...references]));

  const problems = findings.map((finding) => toProblem(file, tree.positions, finding));
  if (scalars.asksForSecrets()) problems.push(...known.problems);
  const mask = createMask(secrets);
  const told = sortProblems(problems.map((problem) => maskProblem(problem, mask)));
  const loaded = left.rest && {
    ok: true as const,
    config: resolvePaths(left.rest, directory),
    secrets,
    warnings: told,
    file,
    directory,
    locate: (path: Path, at?: 'key' | 'value') => tree.positions.locate(path, at),
  };
  if (loaded && told.every(({ warning }) => warning === true)) return loaded;
  const places = findings.map(({ path }) => path);
  return { ok: false, problems: told, ...(loaded ? { rest: loaded, told: places } : {}) };
}

const EMPTY = 'the file is empty, which is no configuration; without it "plot2mqtt init" writes one';

function isEmpty({ contents }: Document.Parsed): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

function unreadable(file: string, error: unknown): string {
  if (codeOf(error) === 'ENOENT')
    return `there is no configuration at ${file}: "plot2mqtt init" writes one, "--config FILE" names another`;
  return `the configuration can't be read: ${errorMessage(error)}`;
}

/** systemd gives a service its directory; what the file says goes first. */
function withDefaultDataDir(written: unknown, env: Environment): unknown {
  const directory = stateDirectory(env);
  if (directory === undefined || !isObject(written)) return written;
  return written.data_dir === undefined ? { ...written, data_dir: directory } : written;
}

/** Findings on what isn't explained by others already: a place whose own text is wrong has one problem. */
function without(findings: readonly Finding[], explained: readonly Finding[]): Finding[] {
  const places = explained.map(({ path }) => path);
  return findings.filter(
    ({ path }) => !places.some((place) => place.every((part, index) => part === path[index])),
  );
}
