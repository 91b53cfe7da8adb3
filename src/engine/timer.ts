/** What must happen later (see the effect `wake`). */
export type Timer =
  /** The delay of a named event is over; `id` is that of its record in the state. */
  | { kind: 'delay'; id: string }
  /** Time alone has moved a worker's progress, or a percentage was held back. */
  | { kind: 'progress'; worker: string }
  /** A worker's log may be silent for long. */
  | { kind: 'silence'; worker: string }
  /** What blocks a job may be over. */
  | { kind: 'recheck'; job: string }
  /** A plotter has run long enough: the next worker may look for its old plot. */
  | { kind: 'old_plots'; job: string }
  /** A failure of a job that keeps running is so long ago that it starts again. */
  | { kind: 'keep_running'; job: string }
  /** The time of a hold is over, of the farm's or of a job's. */
  | { kind: 'farm_hold'; name: string }
  | { kind: 'job_hold'; job: string; name: string }
  /** The rule of one of the farm's holds may set or release it. */
  | { kind: 'hold_rule'; name: string }
  /** A job that waits for a limit of `disks` may find another one. */
  | { kind: 'other_disk'; job: string }
  /** Two starts under a limit over jobs, or one of `disks`, are far enough apart again. */
  | { kind: 'apart'; limit: string }
  /** What was shared out of the host's power is to be written down. */
  | { kind: 'energy' }
  /** What keeps the files of a move may be over; or a transfer that waits is tried again. */
  | { kind: 'move'; move: string }
  | { kind: 'transfer'; transfer: string }
  /** History that couldn't be written is tried again. */
  | { kind: 'history' };

/** What timers are told apart by: there is one for each. Nothing is read from it. */
export function timerKey(timer: Timer): string {
  return Object.values(timer).join(' ');
}
