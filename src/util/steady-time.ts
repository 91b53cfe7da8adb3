/** An estimated time is shown anew only when it has moved by so much, and by so much of the time left (contract, section 4). */
const STEP_MS = 60_000;
const STEP_OF_REST = 0.02;

/**
 * Whether an estimate has moved far enough from the one that is shown to be shown anew. All in milliseconds of one clock.
 * @param share of the time left
 */
export function hasMoved(shown: number, estimate: number, now: number, share = STEP_OF_REST): boolean {
  return Math.abs(estimate - shown) >= Math.max(STEP_MS, (estimate - now) * share);
}

/**
 * The estimated time to show: the one shown already, unless the new one has moved far enough, or comes or goes.
 * @param now milliseconds since 1970
 * @param share of the time left by which it must have moved, where that is more than for others
 */
export function steadyTime(
  shown: string | null,
  time: string | null,
  now: number,
  share = STEP_OF_REST,
): string | null {
  if (shown === null || time === null || shown === time) return time;
  return hasMoved(Date.parse(shown), Date.parse(time), now, share) ? time : shown;
}
