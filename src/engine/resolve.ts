import { resolvePath } from '../config/paths.ts';
import type { Config } from '../config/schema/config.ts';
import type { JobDefinition } from '../config/schema/job.ts';
import type { ArgumentValues } from '../config/schema/names.ts';
import type { PlotterDefinition } from '../config/schema/plotter.ts';
import { didYouMean } from '../config/suggestions.ts';
import { type ArgumentProblem, resolveArguments } from '../plotters/arguments.ts';

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

  const resolved = resolveArguments(plotter.definition, [
    { level: 'job', values: job.arguments },
    { level: 'plotter', values: plotter.arguments },
    { level: 'defaults', values: context.defaults },
  ]);
  if (!resolved.ok) {
    const problems = resolved.problems.map((problem) => ({
      code: problem.code,
      argument: problem.argument,
      level: problem.level,
      message: `job '${id}': ${problem.message}${remedy(problem, job.plotter)}`,
    }));
    return { ok: false, problems };
  }
  return {
    ok: true,
    plotter: job.plotter,
    definition: plotter.definition,
    values: absoluteDirectories(plotter.definition, resolved.values, context.directory),
    command: job.command ?? plotter.command,
  };
}

function unknownPlotter(id: string, plotter: string, context: ResolveContext): JobProblem {
  const known = [...context.plotters.keys()];
  const message = `job '${id}': unknown plotter '${plotter}'; known are ${known.join(', ')}${didYouMean(plotter, known)}`;
  return { code: 'unknown_plotter', argument: null, level: null, message };
}

/** Directories that are relative, or below `~`, made absolute. */
function absoluteDirectories(
  definition: PlotterDefinition,
  values: ArgumentValues,
  directory: string,
): ArgumentValues {
  const absolute = Object.entries(values).map(([name, value]) => {
    const isDirectory = definition.arguments[name]?.type === 'directory' && typeof value === 'string';
    return [name, isDirectory ? resolvePath(directory, value) : value];
  });
  return Object.fromEntries(absolute);
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
