import { type DiskEntry, limitsStarts, mayBeFor } from '../../config/schema/disks.ts';
import { holdsFor, type JobsLimit } from '../../config/schema/limits.ts';
import type { Path } from '../../config/positions.ts';
import type { Config } from '../../config/schema/config.ts';
import { didYouMean } from '../../config/suggestions.ts';
import { endlessProblem } from '../../engine/starting/limits/jobs-limit.ts';
import type { Allowed } from '../../engine/starting/limits/limit-counts.ts';
import type { ResolveContext } from '../../engine/starting/places/resolve.ts';
import { wantedBy } from '../../engine/starting/places/seen-directories.ts';
import type { Misfit } from './check-job.ts';

type Jobs = Config['jobs'];
type Limits = Pick<Config, 'jobs' | 'limits' | 'disks'>;

/**
 * Limits over jobs and of disks that hold for nothing, or that no worker can ever meet: each is valid, and hardly what
 * was meant. A job that keeps running without any is wrong.
 */
export function checkLimits({ jobs, limits, disks }: Limits, context: ResolveContext): Misfit[] {
  return [
    ...Object.entries(limits).flatMap(([name, limit]) => {
      const warn = warner(['limits', name], `limit '${name}'`);
      const under = Object.entries(jobs).filter(([id]) => holdsFor(limit, id));
      return [
        ...unmatched(limit, jobs, warn),
        ...limitsNothing(limit, warn),
        ...neverMet(limit, STARTS_NONE, warn),
        ...withoutPhase(limit, Object.fromEntries(under), context, warn),
      ];
    }),
    ...disks.flatMap((entry, index) => {
      const warn = warner(['disks', index], `disks: ${entry.match}`);
      const under = Object.fromEntries(jobsUnder(entry, jobs, context));
      return [...neverMet(entry, STARTS_NONE_THERE, warn), ...withoutPhase(entry, under, context, warn)];
    }),
    ...checkEndless({ jobs, limits, disks }, context),
  ];
}

type Warn = (path: Path, message: string) => Misfit;

function warner(above: Path, what: string): Warn {
  return (path, message) => ({
    path: [...above, ...path],
    at: 'value',
    message: `${what}: ${message}`,
    warning: true,
  });
}

/** The jobs that have a temporary directory for which an entry holds. */
function jobsUnder(entry: DiskEntry, jobs: Jobs, context: ResolveContext): [string, Jobs[string]][] {
  return Object.entries(jobs).filter(([id, definition]) =>
    wantedBy(context, { id, definition }).some(({ role, path }) => role === 'temp' && mayBeFor(entry, path)),
  );
}

/** What the schema can't see: whether an entry of `disks` is about the directories of a job that keeps running. */
function checkEndless({ jobs, limits, disks }: Limits, context: ResolveContext): Misfit[] {
  if (!disks.some(limitsStarts)) return [];
  const settings = { ...context, limits: new Map(Object.entries(limits)), disks };
  return Object.entries(jobs).flatMap(([id, definition]): Misfit[] => {
    const message = endlessProblem(settings, { id, definition });
    return message === null ? [] : [{ path: ['jobs', id, 'keep_running'], at: 'value', message }];
  });
}

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

/** `says`: what becomes of it. */
function neverMet({ max_workers, max_in_phase = {} }: Allowed, says: string, warn: Warn): Misfit[] {
  return [
    ...(max_workers === 0 ? [warn(['max_workers'], `max_workers 0 ${says}`)] : []),
    ...Object.entries(max_in_phase)
      .filter(([, most]) => most === 0)
      .map(([phase]) => warn(['max_in_phase', phase], `0 in phase ${phase} ${says}`)),
  ];
}

const STARTS_NONE = 'lets none of its workers start; without a limit leave it out';
/** Of disks, which moves use too. */
const STARTS_NONE_THERE = `${STARTS_NONE}; to take a disk out of use, for moves too, say closed: true`;

/** Workers of plotters that lack a phase count until their plotter ends: as if it were max_workers. */
function withoutPhase(limit: Allowed, jobs: Jobs, { plotters }: ResolveContext, warn: Warn): Misfit[] {
  const stages = Object.values(jobs).flatMap(({ plotter }) => plotters.get(plotter)?.definition.stages ?? []);
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
