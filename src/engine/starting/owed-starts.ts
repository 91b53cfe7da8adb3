import type { Cause } from '../../contract/causes.ts';
import type { JobState, OwedStarts } from '../model/job-state.ts';

/**
 * Why starts are wanted or pending. A cause is kept for as many of them as there are: what limits cut off is the newest.
 */
type Asking = Pick<JobState, 'owed' | 'wanted' | 'pending'>;

/** The causes of a job's starts, with those of some more. */
export function withOwed(job: Asking, cause: Cause, workers: number): OwedStarts[] {
  return [...stillOwed(job), { cause, workers }];
}

/** Those of the starts that there still are, the oldest first. */
export function stillOwed({ owed, wanted, pending }: Asking): OwedStarts[] {
  let left = wanted + pending;
  const still: OwedStarts[] = [];
  for (const { cause, workers } of owed) {
    const some = Math.min(workers, left);
    if (some > 0) still.push({ cause, workers: some });
    left -= some;
  }
  return still;
}

/** The cause of the oldest start, `null` where nobody knows it any more, and those of the others. */
export function takeOwed(owed: readonly OwedStarts[]): { cause: Cause | null; rest: OwedStarts[] } {
  const [first, ...rest] = owed;
  if (!first) return { cause: null, rest: [] };
  const { cause, workers } = first;
  return { cause, rest: workers > 1 ? [{ cause, workers: workers - 1 }, ...rest] : rest };
}
