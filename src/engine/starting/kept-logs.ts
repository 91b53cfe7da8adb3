import type { JobState } from '../model/job-state.ts';

/** Of the logs that are still to be kept a worker that starts takes one. */
export function oneLogLess({ logs_left }: JobState): Pick<JobState, 'logs_left'> {
  return { logs_left: logs_left === null ? null : Math.max(0, logs_left - 1) };
}

/** Whether the log of a job's next worker is kept. */
export function keepsLog({ logs_left, definition }: JobState): boolean {
  return logs_left === null ? definition.save_logs === true : logs_left > 0;
}
