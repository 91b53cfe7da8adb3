import { MAX_WORKERS_LIMIT } from '../commands.ts';
import { HOLD_KINDS } from '../holds.ts';
import { count, figure, flag, id, listOf, nullable, objectOf, oneOf, text, time } from './carriers.ts';
import { PLOTS_A_DAY } from './entity.ts';
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
  max_workers: {
    is: count,
    topic: true,
    says: 'workers of all jobs at once; 0: none starts',
    entity: {
      ...{ platform: 'number', name: 'Max workers', max: MAX_WORKERS_LIMIT },
      icon: 'mdi:account-multiple',
    },
  },
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
    entity: { platform: 'sensor', key: 'last_end', name: 'Last end', icon: 'mdi:flag-checkered' },
  },
  plots_done: { is: count, topic: true, says: 'of all time: no reset or deletion lowers it' },
  plots_today: { is: count, topic: true, says: 'since midnight' },
  plots_per_day: {
    is: count,
    topic: true,
    says: 'of the last 24 hours',
    entity: { platform: 'sensor', name: 'Plots a day', ...PLOTS_A_DAY },
  },
  energy_kwh: {
    is: nullable(figure),
    topic: true,
    says: 'kWh above idle that plotting has taken, of all time; null where energy was never set up',
    entity: {
      ...{ platform: 'sensor', key: 'energy', name: 'Energy', unit_of_measurement: 'kWh' },
      ...{ device_class: 'energy', state_class: 'total_increasing', suggested_display_precision: 2 },
    },
  },
  cost: {
    is: nullable(figure),
    topic: true,
    says: 'what that has cost; null where no price was ever set up',
    entity: {
      ...{ platform: 'sensor', name: 'Cost', device_class: 'monetary', state_class: 'total' },
      suggested_display_precision: 2,
    },
  },
  free_bytes: {
    is: nullable(count),
    topic: true,
    says: 'of all destinations, each file system once; null where none is known',
  },
  total_bytes: { is: nullable(count), topic: true, says: 'of the same' },
  old_plots: {
    is: nullable(count),
    topic: true,
    says: 'plots that replotting would still remove, of all jobs, each once',
    entity: {
      ...{ platform: 'sensor', name: 'Old plots', unit_of_measurement: 'plots' },
      ...{ state_class: 'measurement', icon: 'mdi:harddisk-remove' },
    },
  },
  old_bytes: { is: nullable(count), topic: true, says: 'what these take' },
  replot_eta: {
    is: nullable(time),
    topic: true,
    says: 'when none of them is left at the pace of the last seven days; null where none is left, or went in that time',
    entity: { platform: 'sensor', name: 'Replot ETA' },
  },
  full_at: {
    is: nullable(time),
    topic: true,
    says: 'when they will be, at the growth of the last seven days; null where nothing grows',
    entity: { platform: 'sensor', key: 'disks_full', name: 'Disks full', icon: 'mdi:calendar-alert' },
  },
  problems: {
    is: listOf(text),
    topic: true,
    says: 'what somebody should look after: blocked jobs, workers that wait or are stalled, moves that fail, disks that are away, a state that can’t be written; on the topic their number',
  },
} as const satisfies Rows;
