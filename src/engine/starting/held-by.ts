import type { JobState } from '../model/job-state.ts';
import type { State } from '../model/state.ts';

/** What keeps a job from starting workers for now, each in a sentence; none where nothing does. */
export function heldBy(_state: State, job: JobState): string[] {
  return job.paused ? ['the job is paused'] : [];
}
