import type { Path } from '../../config/positions.ts';
import type { Finding } from '../../config/problems.ts';
import type { DiskEntry } from '../../config/schema/disks.ts';
import type { JobDefinition } from '../../config/schema/job.ts';
import type { Places } from '../../daemon/effects/places.ts';
import { withAbsoluteDirectories } from '../../engine/moving/replot-rule.ts';
import {
  type JobProblem,
  type ResolveContext,
  type ResolvedJob,
  resolveJob,
} from '../../engine/starting/places/resolve.ts';
import { commandWords } from '../../plotters/command.ts';
import { openFiles } from '../../plotters/open-files.ts';
import { cpusProblem } from '../../process/cpus.ts';
import { ARGUMENTS, quoteForShell, snippetWithArguments } from '../../process/snippet.ts';
import { argumentPath } from './argument-places.ts';
import { commandProblem } from './check-command.ts';
import { checkDirectories } from './check-directories.ts';
import { checkReplot } from './check-replot.ts';
import type { KnownPlots } from './known-plots.ts';
import { checkReplotDirectories, type RuleWithDirectories } from './check-replot-directories.ts';

/** What doesn't fit this machine, or is incomplete; it has its place in the configuration. */
export type Misfit = Finding;

export interface JobReport {
  id: string;
  title: string | undefined;
  plotter: string;
  /** The shell's command line; `null` where arguments are wrong or missing. */
  commandLine: ((mask: (text: string) => string) => string) | null;
  /** What lists and patterns of directories mean now, and what replotting would remove, in lines. */
  notes: string[];
  misfits: Misfit[];
}

/** What is the same for all jobs of this machine. */
export interface Machine {
  /** The PATH of commands. */
  path: string;
  /** How many files a plotter may have open, and the device of the system's disk; `null` where it isn't known. */
  openFiles: number | null;
  systemDisk: string | null;
}

export type CheckContext = ResolveContext & {
  machine: Machine;
  /** Looks at directories by the rules of `disks`. */
  places: Places;
  disks: readonly DiskEntry[];
  knownPlots: KnownPlots;
  /** Whether every plot that replotting would remove is listed. */
  listPlots: boolean;
};

/** Looks a job up as its next worker would, and at the directories, CPUs and commands that it names. */
export async function checkJob(id: string, job: JobDefinition, context: CheckContext): Promise<JobReport> {
  const resolved = resolveJob(id, job, context);
  const own = { id, title: job.title, plotter: job.plotter };
  // What is wrong with one argument hides nothing of the others.
  const right = resolved.ok ? resolved : resolved.rest;
  const checked = job.check_space && !resolved.ok ? { ...job, check_space: false } : job;
  const directories = right && (await checkDirectories(id, checked, right, context));
  const misfits = [
    ...checkJobCpus(id, job),
    ...(resolved.ok ? [] : resolved.problems.map((problem) => misfitOf(id, job.plotter, problem))),
    ...(directories?.misfits ?? []),
    ...(right ? await checkRest(id, job, right, resolved.ok, context) : []),
  ];
  if (!resolved.ok || !directories) return { ...own, commandLine: null, notes: [], misfits };
  const { lines, chosen, destinations } = directories;
  const replot = await checkReplot(id, job, resolved, { ...context, destinations });
  return {
    ...own,
    commandLine: (mask) => commandLine(chosen, job.plots_per_run, mask),
    notes: [...lines, ...replot.lines],
    misfits: [
      ...misfits,
      ...replot.misfits,
      ...(await checkReplotDirectories(ruleOf(id, job, context), destinations, context.places)),
    ],
  };
}

function ruleOf(id: string, { replot }: JobDefinition, { directory }: CheckContext): RuleWithDirectories {
  const { dirs = [] } = replot === undefined ? {} : withAbsoluteDirectories(replot, directory);
  return { whose: `job '${id}'`, path: ['jobs', id, 'replot'], dirs };
}

/** What can be said of a job's commands and stages; of open files only where it is `whole`. */
async function checkRest(
  id: string,
  job: JobDefinition,
  right: ResolvedJob,
  whole: boolean,
  context: CheckContext,
): Promise<Misfit[]> {
  return [
    ...(await checkCommands(id, job, right, context)),
    ...(whole ? checkOpenFiles(id, right, context.machine) : []),
    ...checkStages(id, job, right),
  ];
}

/** A stage that the plotter doesn't go through never comes: a name bound to it never fires. */
function checkStages(id: string, job: JobDefinition, { plotter, definition }: ResolvedJob): Misfit[] {
  const stages = definition.stages.map((stage) => stage.id);
  return job.events.flatMap(({ stage, fire }, index): Misfit[] => {
    if (stage === undefined || stages.includes(stage)) return [];
    const message = `job '${id}': plotter '${plotter}' has no stage "${stage}", so '${fire}' never fires; it has ${stages.join(', ')}`;
    return [{ path: ['jobs', id, 'events', index, 'stage'], at: 'value', message, warning: true }];
  });
}

/** The words stand where the snippet has `"$@"`. Masked one by one: a short secret is only known as a whole word. */
function commandLine(
  { command, definition, values }: ResolvedJob,
  plots: number,
  mask: (text: string) => string,
): string {
  const words = commandWords(definition, values, { plots }).map((word) => shellWord(mask(word)));
  return snippetWithArguments(mask(command)).replaceAll(ARGUMENTS, () => words.join(' '));
}

/** Quoted where the shell would read it as something else; `***` stands for a secret and stays readable. */
function shellWord(word: string): string {
  return word === '***' ? word : quoteForShell(word);
}

function misfitOf(id: string, plotter: string, problem: JobProblem): Misfit {
  const { argument, level, item, field, code, message } = problem;
  if (field !== undefined) return { path: commandPath(id, plotter, field, level), at: 'value', message };
  if (argument === null) return { path: ['jobs', id, 'plotter'], at: 'value', message };
  const path = argumentPath(id, plotter, argument, level);
  if (item !== undefined) return { path: [...path, item], at: 'value', message };
  return { path, at: code === 'invalid_argument' ? 'value' : 'key', message };
}

function commandPath(id: string, plotter: string, field: string, level: JobProblem['level']): Path {
  return level === 'plotter' ? ['plotters', plotter, field] : ['jobs', id, field];
}

/** Commands that can't start, each with where it is written. */
async function checkCommands(
  id: string,
  job: JobDefinition,
  { plotter, command }: ResolvedJob,
  { directory, machine }: CheckContext,
): Promise<Misfit[]> {
  const remedy = `install the plotter, or say where it is: plotters.${plotter}.command`;
  const own = job.command === undefined ? 'plotter' : 'command';
  const commands = [
    {
      key: own,
      snippet: snippetWithArguments(command),
      remedy: own === 'plotter' ? remedy : 'mend the command',
    },
    { key: 'pre_command', snippet: job.pre_command, remedy: 'mend the command' },
    { key: 'post_command', snippet: job.post_command, remedy: 'mend the command' },
  ];
  const misfit = (key: string, what: string): Misfit => {
    const name = key === 'plotter' ? `the command of plotter '${plotter}'` : key;
    return { path: ['jobs', id, key], at: 'value', message: `job '${id}': ${name} ${what}` };
  };
  const misfits = commands.map(async ({ key, snippet, remedy: what }): Promise<Misfit[]> => {
    const problem =
      snippet === undefined ? null : await commandProblem(snippet, { directory, path: machine.path });
    return problem === null ? [] : [misfit(key, `can't start: ${problem}; ${what}`)];
  });
  return (await Promise.all(misfits)).flat();
}

/** A plotter that may not open as many files as it wants ends at once. */
function checkOpenFiles(
  id: string,
  { plotter, definition, values }: ResolvedJob,
  { openFiles: limit }: Machine,
) {
  const wanted = openFiles(definition, values);
  if (wanted === null || limit === null || wanted <= limit) return [];
  const message =
    `job '${id}': plotter '${plotter}' opens ${wanted} files with these arguments, this account may open ${limit}: ` +
    'take fewer buckets, or raise the limit (nofile in /etc/security/limits.conf, LimitNOFILE= in the unit)';
  return [{ path: ['jobs', id], at: 'key' as const, message }];
}

function checkJobCpus(id: string, { cpus }: JobDefinition): Misfit[] {
  const problem = cpusProblem(cpus);
  if (problem === null) return [];
  return [{ path: ['jobs', id, 'cpus'], at: 'value', message: `job '${id}': ${problem}` }];
}
