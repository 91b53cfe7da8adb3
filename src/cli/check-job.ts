import type { Path } from '../config/positions.ts';
import type { Finding } from '../config/problems.ts';
import type { JobDefinition } from '../config/schema/job.ts';
import { type JobProblem, type ResolveContext, type ResolvedJob, resolveJob } from '../engine/resolve.ts';
import { type DirectoryProblem, probeDirectory } from '../host/directories.ts';
import { commandWords, directoriesOf } from '../plotters/command.ts';
import { checkCpus, expandCpus } from '../process/cpus.ts';
import { quoteForShell, snippetWithArguments } from '../process/snippet.ts';
import { messageOf } from '../util/errors.ts';

/** What doesn't fit this machine, or is incomplete; it has its place in the configuration. */
export type Misfit = Finding;

export interface JobReport {
  id: string;
  title: string | undefined;
  plotter: string;
  /** The shell's command line; `null` where arguments are wrong or missing. */
  commandLine: ((mask: (text: string) => string) => string) | null;
  misfits: Misfit[];
}

/** How long a disk may take to answer, in milliseconds. */
const PROBE_TIMEOUT_MS = 5000;

const WHAT_IS_WRONG: Readonly<Record<DirectoryProblem, string>> = {
  missing: "does not exist (is its disk mounted?); directories are never made, make it with 'mkdir -p'",
  not_a_directory: 'is no directory',
  not_writable: "can't be written by this account",
  not_answering: 'does not answer',
};

/** Looks a job up as its next worker would, and at the directories and CPUs that it names. */
export async function checkJob(id: string, job: JobDefinition, context: ResolveContext): Promise<JobReport> {
  const resolved = resolveJob(id, job, context);
  const own = { id, title: job.title, plotter: job.plotter };
  const cpus = checkJobCpus(id, job);
  if (!resolved.ok) {
    const misfits = resolved.problems.map((problem) => argumentMisfit(id, job.plotter, problem));
    return { ...own, commandLine: null, misfits: [...cpus, ...misfits] };
  }
  const directories = await checkDirectories(id, job, resolved, context);
  return { ...own, commandLine: (mask) => commandLine(resolved, mask), misfits: [...cpus, ...directories] };
}

/** The words stand where the snippet has `"$@"`. Masked one by one: a short secret is only known as a whole word. */
function commandLine({ command, definition, values }: ResolvedJob, mask: (text: string) => string): string {
  const words = commandWords(definition, values).map((word) => shellWord(mask(word)));
  return snippetWithArguments(mask(command)).replaceAll('"$@"', () => words.join(' '));
}

/** Quoted where the shell would read it as something else; `***` stands for a secret and stays readable. */
function shellWord(word: string): string {
  return word === '***' || /^[\w@%+=:,./-]+$/.test(word) ? word : quoteForShell(word);
}

function argumentMisfit(id: string, plotter: string, problem: JobProblem): Misfit {
  const { argument, level, code, message } = problem;
  if (argument === null) return { path: ['jobs', id, 'plotter'], at: 'value', message };
  const path = argumentPath(id, plotter, argument, level);
  return { path, at: code === 'invalid_argument' ? 'value' : 'key', message };
}

function argumentPath(id: string, plotter: string, argument: string, level: JobProblem['level']): Path {
  if (level === 'plotter') return ['plotters', plotter, 'arguments', argument];
  if (level === 'defaults') return ['defaults', argument];
  return ['jobs', id, 'arguments', argument];
}

async function checkDirectories(
  id: string,
  job: JobDefinition,
  { plotter, definition, values }: ResolvedJob,
  context: ResolveContext,
): Promise<Misfit[]> {
  const { temp, destination } = directoriesOf(definition, values);
  const wanted = destination === null ? temp : [...temp, destination];
  const misfits = wanted.map(async ({ argument, path }): Promise<Misfit[]> => {
    const { problem } = await probeDirectory(path, { timeoutMs: PROBE_TIMEOUT_MS });
    if (problem === null) return [];
    const message = `job '${id}': plotter '${plotter}': ${argument} ${path} ${WHAT_IS_WRONG[problem]}`;
    const written = levelOf(argument, job, context);
    return [{ path: argumentPath(id, plotter, argument, written), at: 'value', message }];
  });
  return (await Promise.all(misfits)).flat();
}

/** The nearest place that gives the argument. */
function levelOf(argument: string, job: JobDefinition, context: ResolveContext): JobProblem['level'] {
  if (job.arguments[argument] !== undefined) return 'job';
  if (context.plotters.get(job.plotter)?.arguments[argument] !== undefined) return 'plotter';
  return context.defaults[argument] === undefined ? null : 'defaults';
}

function checkJobCpus(id: string, { cpus }: JobDefinition): Misfit[] {
  if (cpus === undefined) return [];
  try {
    checkCpus(expandCpus(cpus));
    return [];
  } catch (error) {
    return [{ path: ['jobs', id, 'cpus'], at: 'value', message: `job '${id}': ${messageOf(error)}` }];
  }
}
