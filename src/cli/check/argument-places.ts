import type { Path } from '../../config/positions.ts';
import type { JobDefinition } from '../../config/schema/job.ts';
import type { ArgumentValue } from '../../contract/names.ts';
import type { JobProblem, ResolveContext } from '../../engine/starting/places/resolve.ts';

type Level = JobProblem['level'];

/** Where an argument is written that is given at this level. */
export function argumentPath(id: string, plotter: string, argument: string, level: Level): Path {
  if (level === 'plotter') return ['plotters', plotter, 'arguments', argument];
  if (level === 'defaults') return ['defaults', argument];
  return ['jobs', id, 'arguments', argument];
}

/** The nearest place that gives the argument, and what is written there; `null`: none does. */
export function levelOf(
  argument: string,
  job: JobDefinition,
  context: ResolveContext,
): { level: Level; value: ArgumentValue | undefined } {
  const levels = [
    ['job', job.arguments[argument]],
    ['plotter', context.plotters.get(job.plotter)?.arguments[argument]],
    ['defaults', context.defaults[argument]],
  ] as const;
  const [level, value] = levels.find(([, each]) => each !== undefined) ?? [null, undefined];
  return { level, value };
}
