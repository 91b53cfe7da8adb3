import { matchesWildcard } from '../../util/wildcard.ts';
import { type Hold, type Holds, OWN_PAUSE } from '../model/hold.ts';
import type { JobState } from '../model/job-state.ts';
import type { State } from '../model/state.ts';

/** A hold that stands over a job, and whose it is. */
export interface StandingHold {
  /** `OWN_PAUSE`: the job's own pause. */
  name: string;
  of: 'farm' | 'job';
  hold: Hold;
}

type Farm = Pick<State, 'farm'>;
type HeldJob = Pick<JobState, 'id' | 'holds'>;

/** All that holds a job: the farm's holds, then its own. Nobody else decides whether it is held. */
export function heldBy({ farm }: Farm, job: HeldJob): StandingHold[] {
  const standing = (of: StandingHold['of'], holds: Holds) =>
    Object.entries(holds).map(([name, hold]) => ({ name, of, hold }));
  const ofFarm = standing('farm', farm.holds).filter(({ hold }) => isOver(hold, job.id));
  return [...ofFarm, ...standing('job', job.holds)];
}

/** Whether one of the farm's holds is about a job. */
export function isOver({ jobs }: Pick<Hold, 'jobs'>, job: string): boolean {
  return jobs === null || jobs.some((pattern) => matchesWildcard(pattern, job));
}

/** Whether something of kind `pause` holds a job: its plotters are suspended, and none is started. */
export function isPaused(state: Farm, job: HeldJob): boolean {
  return heldBy(state, job).some(({ hold }) => hold.kind === 'pause');
}

/** The names of the holds that hold a job, each once; its own pause has none. */
export function namesOfHolds(state: Farm, job: HeldJob): string[] {
  const names = heldBy(state, job).map(({ name }) => name);
  return [...new Set(names)].filter((name) => name !== OWN_PAUSE);
}

/** The hold of this name among others; names such as `constructor` are names as well. */
export function holdNamed(holds: Holds, name: string): Hold | undefined {
  return Object.hasOwn(holds, name) ? holds[name] : undefined;
}

/** These holds with one more, or with another of its name; `null`: without it. */
export function withHold(holds: Holds, name: string, hold: Hold | null): JobState['holds'] {
  const { [name]: _before, ...others } = holds;
  return hold === null ? others : { ...others, [name]: hold };
}

/** Whether a job's own pause is on, as `set/paused` says. */
export function hasOwnPause({ holds }: Pick<JobState, 'holds'>): boolean {
  return holds[OWN_PAUSE] !== undefined;
}

/** These holds with the job's own pause on, since `now` (milliseconds since 1970), or off. */
export function withOwnPause(holds: Holds, on: boolean, now: number): JobState['holds'] {
  return withHold(holds, OWN_PAUSE, on ? { ...OWN, since: now } : null);
}

const OWN = {
  ...{ kind: 'pause', reason: null, since: 0, until: null, until_steady: null },
  ...{ moves: false, jobs: null, set_by: 'command', declared: false },
} as const satisfies Hold;
