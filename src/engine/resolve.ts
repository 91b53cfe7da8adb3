import { resolvePath } from '../config/paths.ts';
import type { Config } from '../config/schema/config.ts';
import type { JobDefinition } from '../config/schema/job.ts';
import type { ArgumentValues } from '../config/schema/names.ts';
import type { PlotterDefinition } from '../config/schema/plotter.ts';
import { didYouMean } from '../config/suggestions.ts';
import { type ArgumentLevel, type ArgumentProblem, resolveArguments } from '../plotters/arguments.ts';

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

export type JobProblemCode = ArgumentProblem['code'] | 'unknown_plotter';

/** Why a job can't start a worker. `level` says where the offending argument is written, `null` if nowhere. */
export interface JobProblem {
  code: JobProblemCode;
  argument: string | null;
  level: ArgumentProblem['level'];
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

/**
 * What the next worker of a job runs: arguments looked up in the job, its plotter's settings, the general
 * defaults and the plotter's definition (contract, section 2, "Defaults"). All problems at once.
 */
export function resolveJob(
  id: string,
  job: JobDefinition,
  context: ResolveContext,
): ResolvedJob | { ok: false; problems: JobProblem[] } {
  const plotter = context.plotters.get(job.plotter);
  if (plotter === undefined) return { ok: false, problems: [unknownPlotter(id, job.plotter, context)] };

  const levels: ArgumentLevel[] = [
    { level: 'job', values: job.arguments },
    { level: 'plotter', values: plotter.arguments },
    { level: 'defaults', values: context.defaults },
  ];
  const absolute = (directory: string) => resolvePath(context.directory, directory);
  const resolved = resolveArguments(plotter.definition, levels, absolute);
  if (!resolved.ok) return { ok: false, problems: resolved.problems.map(inWords(id, job.plotter)) };
  return {
    ok: true,
    plotter: job.plotter,
    definition: plotter.definition,
    values: resolved.values,
    command: job.command ?? plotter.command,
  };
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
