/** Later than this after a wake, in milliseconds, the process was stopped, not merely slow. */
const STOPPED_AFTER = 1500;

/**
 * When the next line is due: an absolute schedule, so that late wakes don't add up. A process that was stopped
 * (SIGSTOP) goes on where it was, as a real plotter's work does: the schedule moves by the time of the stop.
 */
export interface Timeline {
  /** Waits until `ms` milliseconds of the recording after the point reached before. */
  advance(ms: number): Promise<void>;
}

/** Moves a schedule of which `due` is late at `now`: the point from which to count on (all in milliseconds). */
export function catchUp(due: number, now: number): number {
  return now - due > STOPPED_AFTER ? now : due;
}

/** @param speed times as fast as the recording @param jitter returns a factor for each pause, about 1 */
export function createTimeline(speed: number, jitter: () => number): Timeline {
  let due = performance.now();
  return {
    async advance(ms) {
      due += (ms / speed) * jitter();
      const wait = due - performance.now();
      if (wait > 0) await sleep(wait);
      due = catchUp(due, performance.now());
    },
  };
}

/** Waits; longer than the longest timer of Node (24 days) too. */
export async function sleep(ms: number): Promise<void> {
  const longest = 2 ** 31 - 1;
  for (let left = ms; left > 0; left -= longest) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, longest)));
  }
}
