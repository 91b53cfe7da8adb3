import { keepRunningProblem } from '../../../config/schema/job.ts';
import { holdsFor, type JobsLimit } from '../../../config/schema/limits.ts';
import type { Settings } from '../../memory.ts';
import type { JobState } from '../../model/job-state.ts';
import type { RunState } from '../../model/run-state.ts';
import type { State } from '../../model/state.ts';
import type { World } from '../gates/gate.ts';
import { type LimitCounts, nextAfter, unfinishedOf } from './limit-counts.ts';
import { onTheirWay } from '../on-their-way.ts';
import { entriesOver, type LimitingDisks } from '../places/seen-directories.ts';
import type { LastStart } from './started-in.ts';

/** The limits that hold for a job, with their names, in the order of the file. */
export function limitsOver({ limits }: Pick<Settings, 'limits'>, job: string): [string, JobsLimit][] {
  return [...limits].filter(([, limit]) => holdsFor(limit, job));
}

/** What says which limits hold for a job. */
type LimitingSettings = LimitingDisks & Pick<Settings, 'limits'>;

/** Why a job can't keep running, as `keepRunningProblem`. */
export function endlessProblem(
  settings: LimitingSettings,
  job: Pick<JobState, 'id' | 'definition'>,
): string | null {
  return keepRunningProblem(job.definition, isLimited(settings, job));
}

/** Whether any entry of `limits` or `disks` limits how many workers of a job there are. */
function isLimited(settings: LimitingSettings, job: Pick<JobState, 'id' | 'definition'>): boolean {
  return limitsOver(settings, job.id).length > 0 || entriesOver(settings, job).length > 0;
}

/** What a limit counts. `steady`: milliseconds on the steady clock. */
export function countFor(state: State, limit: JobsLimit, steady: number): LimitCounts {
  const runs: RunState[] = [];
  for (const [job, slots] of state.index.slots) if (holdsFor(limit, job)) runs.push(...slots.values());
  const last = limit.apart ? lastStart(state, limit) : null;
  return {
    running: runs.length,
    unfinished: unfinishedOf(state, limit, runs),
    ...nextAfter(last, limit, steady),
  };
}

function lastStart(state: State, limit: JobsLimit): LastStart | null {
  let last: LastStart | null = null;
  const count = (id: string, start: LastStart | null) => {
    if (start && holdsFor(limit, id) && (last === null || start.steady > last.steady)) last = start;
  };
  for (const { id, last_start } of state.jobs.values()) count(id, last_start);
  for (const [id, start] of Object.entries(state.left_starts)) count(id, start);
  return last;
}

/** All that a limit's answers depend on, as text. */
export function limitAsText(world: World, limit: JobsLimit): string {
  const coming = [...world.state.jobs.values()].flatMap((job) =>
    holdsFor(limit, job.id) ? onTheirWay(world, job) : [],
  );
  return JSON.stringify([limit, countFor(world.state, limit, world.steady), coming]);
}
