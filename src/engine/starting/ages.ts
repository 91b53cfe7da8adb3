import type { JobState, StartsAsked } from '../model/job-state.ts';

/** How many starts of a job wait, on their way or held back. */
export function waitingStarts({ wanted, pending }: Pick<JobState, 'wanted' | 'pending'>): number {
  return wanted + pending;
}

/** Since when the oldest start of a job waits, as the number of the last event before it; `null` where none does. */
export function waitsSince(job: JobState): number | null {
  return waitingStarts(job) === 0 ? null : (agesOf(job)[0]?.since ?? null);
}

/** Those that wait, by age; of what an older version or a lost record left, nobody knows since when. */
export function agesOf(job: JobState): StartsAsked[] {
  const known = youngestCut(job.asked, waitingStarts(job));
  const counted = known.reduce((sum, { workers }) => sum + workers, 0);
  const unknown = waitingStarts(job) - counted;
  return unknown > 0 ? [{ since: 0, workers: unknown, cause: null }, ...known] : known;
}

/** At most so many starts: the youngest go. */
export function youngestCut(asked: readonly StartsAsked[], most: number): StartsAsked[] {
  const kept: StartsAsked[] = [];
  let left = most;
  for (const each of asked) {
    if (left <= 0) break;
    kept.push(each.workers <= left ? each : { ...each, workers: left });
    left -= each.workers;
  }
  return kept;
}
