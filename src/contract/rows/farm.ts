import { HOLD_KINDS } from '../holds.ts';
import { count, figure, flag, id, listOf, nullable, objectOf, oneOf, text, time } from './carriers.ts';
import type { Rows } from './row.ts';

/** A hold of the farm that stands (contract, section 9). */
export const HOLD = {
  name: id,
  kind: oneOf(HOLD_KINDS),
  /** Patterns of the jobs that it holds; `null`: all. */
  jobs: nullable(listOf(id)),
  moves: flag,
  reason: nullable(text),
  since: time,
  until: nullable(time),
} as const;

/** `B/farm`: each key has a plain topic. */
export const FARM_ROWS = {
  max_workers: { is: count, topic: true, says: 'workers of all jobs at once; 0: none starts' },
  holds: {
    is: listOf(objectOf(HOLD)),
    topic: true,
    says: 'the farm’s holds that stand; on the topic their number',
  },
  workers: { is: count, topic: true, says: 'running now' },
  moves: { is: count, topic: true, says: 'plots that are moved now' },
  pending: { is: count, topic: true, says: 'starts that gates hold back, of all jobs' },
  drained: { is: flag, topic: true, says: 'the hold `drain` stands, and nothing runs' },
  last_end_at: {
    is: nullable(time),
    topic: true,
    says: 'when the last worker now running will have ended; null where that isn’t known, or none runs',
  },
  plots_done: { is: count, topic: true, says: 'of all time: no reset or deletion lowers it' },
  plots_today: { is: count, topic: true, says: 'since midnight' },
  plots_per_day: { is: nullable(figure), topic: true, says: 'null in this version' },
  energy_kwh: { is: nullable(figure), topic: true, says: 'null in this version' },
  cost: { is: nullable(figure), topic: true, says: 'null in this version' },
  free_bytes: { is: nullable(count), topic: true, says: 'null in this version' },
  total_bytes: { is: nullable(count), topic: true, says: 'null in this version' },
  old_plots: { is: nullable(count), topic: true, says: 'null in this version' },
  old_bytes: { is: nullable(count), topic: true, says: 'null in this version' },
  replot_eta: { is: nullable(time), topic: true, says: 'null in this version' },
  full_at: { is: nullable(time), topic: true, says: 'null in this version' },
  problems: {
    is: listOf(text),
    topic: true,
    says: 'what somebody should look after: blocked jobs, workers that wait, moves that fail, disks that are away, a state that can’t be written; on the topic their number',
  },
} as const satisfies Rows;
