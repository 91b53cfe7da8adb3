import { holdsFor, type JobsLimit } from '../config/schema/limits.ts';
import type { Path } from '../config/positions.ts';
import type { Config } from '../config/schema/config.ts';
import { didYouMean } from '../config/suggestions.ts';
import type { Settings } from '../engine/memory.ts';
import type { Misfit } from './check-job.ts';

type Jobs = Config['jobs'];

/** Limits over jobs that hold for nothing, or that no worker can ever meet: each is valid, and hardly what was meant. */
export function checkLimits(
  { jobs, limits }: Pick<Config, 'jobs' | 'limits'>,
  plotters: Settings['plotters'],
): Misfit[] {
  return Object.entries(limits).flatMap(([name, limit]) => {
    const warning = (path: Path, message: string): Misfit => ({
      path: ['limits', name, ...path],
      at: 'value',
      message: `limit '${name}': ${message}`,
      warning: true,
    });
    return [
      ...unmatched(limit, jobs, warning),
      ...limitsNothing(limit, warning),
      ...neverMet(limit, warning),
      ...withoutPhase(limit, jobs, plotters, warning),
    ];
  });
}

type Warn = (path: Path, message: string) => Misfit;

function unmatched({ jobs: names = [] }: JobsLimit, jobs: Jobs, warn: Warn): Misfit[] {
  const ids = Object.keys(jobs);
  return names.flatMap((name, index) => {
    if (ids.some((id) => holdsFor({ jobs: [name] }, id))) return [];
    const message = `no job of this file matches '${name}', only one made over MQTT could${didYouMean(name, ids)}`;
    return [warn(['jobs', index], message)];
  });
}

function limitsNothing({ max_workers, max_in_phase = {}, apart = 0 }: JobsLimit, warn: Warn): Misfit[] {
  if (max_workers !== undefined || Object.keys(max_in_phase).length > 0 || apart > 0) return [];
  return [warn([], 'limits nothing: give it max_workers, max_in_phase or apart')];
}

function neverMet({ max_workers, max_in_phase = {} }: JobsLimit, warn: Warn): Misfit[] {
  return [
    ...(max_workers === 0 ? [warn(['max_workers'], `max_workers 0 ${STARTS_NONE}`)] : []),
    ...Object.entries(max_in_phase)
      .filter(([, most]) => most === 0)
      .map(([phase]) => warn(['max_in_phase', phase], `0 in phase ${phase} ${STARTS_NONE}`)),
  ];
}

const STARTS_NONE = 'lets none of its workers start; without a limit leave it out';

/** Workers of plotters that lack a phase count until their plotter ends: as if it were max_workers. */
function withoutPhase(limit: JobsLimit, jobs: Jobs, plotters: Settings['plotters'], warn: Warn): Misfit[] {
  const stages = Object.entries(jobs)
    .filter(([id]) => holdsFor(limit, id))
    .flatMap(([, { plotter }]) => plotters.get(plotter)?.definition.stages ?? []);
  if (stages.length === 0) return [];
  return Object.keys(limit.max_in_phase ?? {})
    .filter((phase) => !stages.some(({ id }) => id === phase))
    .map((phase) =>
      warn(
        ['max_in_phase', phase],
        `no plotter of its jobs has a phase ${phase}: workers count until their plotter ends`,
      ),
    );
}
