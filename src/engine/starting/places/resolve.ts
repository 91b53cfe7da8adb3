import { resolvePath } from '../../../config/paths.ts';
import type { Config } from '../../../config/schema/config.ts';
import type { JobDefinition } from '../../../config/schema/job.ts';
import type { PlotterDefinition } from '../../../config/schema/plotter.ts';
import { didYouMean } from '../../../config/suggestions.ts';
import type { ArgumentValues } from '../../../contract/names.ts';
import { type ArgumentLevel, type ArgumentProblem, resolveArguments } from '../../../plotters/arguments.ts';
import {
  type ArgumentDirectory,
  directoriesOf,
  directoryChoices,
  isRemoteDestination,
} from '../../../plotters/command.ts';
import { argumentsProblem, plotProblem } from '../../../process/snippet-arguments.ts';

/** A plotter as jobs find it: what it is, and what config.yaml says of it. */
export interface ResolvedPlotter {
  definition: PlotterDefinition;
  /** Its defaults, from `plotters.<id>.arguments`. */
  arguments: ArgumentValues;
  /** The shell snippet that runs it. */
  command: string;
}

export interface ResolveContext {
  plotters: ReadonlyMap<string, ResolvedPlotter>;
  /** The general `defaults` of config.yaml. */
  defaults: ArgumentValues;
  /** Directory of config.yaml, absolute: relative directories start there. */
  directory: string;
}

export type JobProblemCode = ArgumentProblem['code'] | 'unknown_plotter' | 'invalid_command';

/** Why a job can't start a worker. `level` says where the offending argument is written, `null` if nowhere. */
export interface JobProblem {
  code: JobProblemCode;
  argument: string | null;
  level: ArgumentProblem['level'];
  /** The command, setting or rule that is wrong; its `level` says whose it is. */
  field?: 'command' | 'post_command' | 'plots_per_run' | 'replot';
  /** Of a list of words: which of them, from 0 on. */
  item?: number;
  /** Names the argument, the job and the plotter. */
  message: string;
}

export interface ResolvedJob {
  ok: true;
  plotter: string;
  definition: PlotterDefinition;
  /** Every argument that has a value, directories absolute. */
  values: ArgumentValues;
  command: string;
}

export interface UnresolvedJob {
  ok: false;
  problems: JobProblem[];
  /** The job with what is right in it; `null` where its plotter isn't known. */
  rest: ResolvedJob | null;
}

/**
 * What the next worker of a job runs: arguments looked up in the job, its plotter's settings, the general
 * defaults and the plotter's definition (contract, section 2, "Defaults"). All problems at once.
 */
export function resolveJob(
  id: string,
  job: JobDefinition,
  context: ResolveContext,
): ResolvedJob | UnresolvedJob {
  const plotter = context.plotters.get(job.plotter);
  if (plotter === undefined)
    return { ok: false, problems: [unknownPlotter(id, job.plotter, context)], rest: null };

  const levels: ArgumentLevel[] = [
    { level: 'job', values: job.arguments },
    { level: 'plotter', values: plotter.arguments },
    { level: 'defaults', values: context.defaults },
  ];
  const absolute = (directory: string) => resolvePath(context.directory, directory);
  const resolved = resolveArguments(plotter.definition, levels, absolute);
  const problems = [
    ...(resolved.ok ? [] : resolved.problems.map(inWords(id, job.plotter))),
    ...commandProblems(id, job, plotter),
    ...severalProblems(id, job, plotter),
    ...replotProblems(id, job, plotter.definition, resolved.values),
  ];
  const found = {
    ok: true as const,
    plotter: job.plotter,
    definition: plotter.definition,
    values: resolved.values,
    command: job.command ?? plotter.command,
  };
  return problems.length === 0 ? found : { ok: false, problems, rest: found };
}

/** Old plots go on the disk that was chosen for the new one: where the plotter chooses, nobody knows which that is. */
function replotProblems(
  id: string,
  { replot }: JobDefinition,
  definition: PlotterDefinition,
  values: ArgumentValues,
): JobProblem[] {
  if (replot === undefined) return [];
  const choice = directoryChoices(definition, values).find(({ role }) => role === 'destination');
  const isElsewhere = isRemoteDestination(definition, values);
  if (!choice?.list && !isElsewhere) return [];
  const why = isElsewhere
    ? 'its plots go to no directory of this machine'
    : `its plotter chooses itself among the directories of ${choice?.argument}; replotting by a move knows where each plot goes`;
  const message = `job '${id}': replot: ${why}`;
  return [{ code: 'invalid_argument', argument: null, field: 'replot', level: 'job', message }];
}

/** Commands into which arguments or the plot's name would not go as they should. */
function commandProblems(id: string, job: JobDefinition, plotter: ResolvedPlotter): JobProblem[] {
  const own = job.command !== undefined;
  const lost = argumentsProblem(job.command ?? plotter.command);
  const cut = job.post_command === undefined ? null : plotProblem(job.post_command);
  const problem = { code: 'invalid_command', argument: null } as const;
  const name = own ? 'command' : `the command of plotter '${job.plotter}'`;
  return [
    ...(lost === null
      ? []
      : [
          {
            ...problem,
            field: 'command',
            level: own ? 'job' : 'plotter',
            message: `job '${id}': ${name}: ${lost}`,
          } as const,
        ]),
    ...(cut === null
      ? []
      : [
          {
            ...problem,
            field: 'post_command',
            level: 'job',
            message: `job '${id}': post_command ${cut}`,
          } as const,
        ]),
  ];
}

/** A plotter that makes one plot in a process can't be asked for more. */
function severalProblems(id: string, job: JobDefinition, { definition }: ResolvedPlotter): JobProblem[] {
  if (job.plots_per_run === 1 || definition.several !== undefined) return [];
  const message = `job '${id}': plots_per_run ${job.plots_per_run}: plotter '${job.plotter}' makes one plot in a process (its definition has no "several")`;
  return [{ code: 'invalid_command', argument: null, field: 'plots_per_run', level: 'job', message }];
}

/** The arguments that a job made over MQTT gives itself; those of config.yaml are the operator's own. */
export function argumentsOverMqtt({
  owner,
  definition,
}: {
  owner: 'file' | 'mqtt';
  definition: JobDefinition;
}): ReadonlySet<string> {
  const given = Object.entries(definition.arguments).filter(([, value]) => value !== undefined);
  return new Set(owner === 'mqtt' ? given.map(([argument]) => argument) : []);
}

/** The directories, one chosen of each argument, that a job made over MQTT names itself. */
export function directoriesOverMqtt(
  job: { owner: 'file' | 'mqtt'; definition: JobDefinition },
  { definition, values }: ResolvedJob,
): ArgumentDirectory[] {
  const arrived = argumentsOverMqtt(job);
  const { temp, destinations } = directoriesOf(definition, values);
  return [...temp, ...destinations].filter(({ argument }) => arrived.has(argument));
}

/** A problem of an argument, with the job and the plotter that it belongs to and the place to mend it. */
function inWords(id: string, plotter: string): (problem: ArgumentProblem) => JobProblem {
  const places = {
    job: '',
    plotter: `, in plotters.${plotter}.arguments`,
    defaults: ', in defaults',
    nowhere: `; set it in the job, in plotters.${plotter}.arguments or in defaults`,
  } as const;
  return ({ message, ...problem }) => {
    const place = problem.code === 'missing_argument' ? places.nowhere : places[problem.level ?? 'job'];
    return { ...problem, message: `job '${id}': plotter '${plotter}': ${message}${place}` };
  };
}

function unknownPlotter(id: string, plotter: string, context: ResolveContext): JobProblem {
  const known = [...context.plotters.keys()];
  const message = `job '${id}': unknown plotter '${plotter}'; known are ${known.join(', ')}${didYouMean(plotter, known)}`;
  return { code: 'unknown_plotter', argument: null, level: null, message };
}

/** All plotters that jobs can name: those built in, with what config.yaml says of them, and the user's own. */
export function plottersOf(
  config: Pick<Config, 'plotters'>,
  builtIn: ReadonlyMap<string, PlotterDefinition>,
): ReadonlyMap<string, ResolvedPlotter> {
  const plotters = new Map<string, ResolvedPlotter>();
  for (const [id, definition] of builtIn)
    plotters.set(id, { definition, arguments: {}, command: definition.command });
  for (const [id, entry] of Object.entries(config.plotters)) {
    const definition = entry.kind === 'definition' ? entry.definition : builtIn.get(id);
    if (definition === undefined) continue;
    const settings = entry.kind === 'settings' ? entry : { arguments: {}, command: undefined };
    const command = settings.command ?? definition.command;
    plotters.set(id, { definition, arguments: settings.arguments, command });
  }
  return plotters;
}
