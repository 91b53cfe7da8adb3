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

/** All that holds a job: the farm's holds, then its own. Nobody else decides whether it is held. */
export function heldBy({ farm }: Pick<State, 'farm'>, job: Pick<JobState, 'holds'>): StandingHold[] {
  const standing = (of: StandingHold['of'], holds: Holds) =>
    Object.entries(holds).map(([name, hold]) => ({ name, of, hold }));
  return [...standing('farm', farm.holds), ...standing('job', job.holds)];
}

/** Whether something of kind `pause` holds a job: its plotters are suspended, and none is started. */
export function isPaused(state: Pick<State, 'farm'>, job: Pick<JobState, 'holds'>): boolean {
  return heldBy(state, job).some(({ hold }) => hold.kind === 'pause');
}

/** Whether a job's own pause is on, as `set/paused` says. */
export function hasOwnPause({ holds }: Pick<JobState, 'holds'>): boolean {
  return holds[OWN_PAUSE] !== undefined;
}

/** These holds with the job's own pause on, since `now` (milliseconds since 1970), or off. */
export function withOwnPause(holds: Holds, on: boolean, now: number): JobState['holds'] {
  const { [OWN_PAUSE]: _before, ...others } = holds;
  const own: Hold = { kind: 'pause', reason: null, since: now, until: null, moves: false };
  return on ? { ...others, [OWN_PAUSE]: own } : others;
}
