import { count, figure, listOf, nullable, objectOf, oneOf, text, threeOf, time } from './carriers.ts';
import { AT_FIRST_DISABLED, DIAGNOSTIC } from './entity.ts';
import type { Rows } from './row.ts';

/** How a directory is: all but those that are `ok` are left out. */
export const DISK_STATES = ['ok', 'missing', 'not_mounted', 'read_only', 'not_answering'] as const;

/** A directory, and the room on its file system, in bytes; null where it isn't known. */
export const DISK = {
  /** `staging`: plots are made there, and a move takes them out; `destination`: also where moves go. */
  role: oneOf(['temp', 'staging', 'destination']),
  path: text,
  /** What this account may still write. */
  free_bytes: nullable(count),
  total_bytes: nullable(count),
  /** Where its file system is mounted: what has the same one shares its room; datasets and subvolumes of one pool are one. */
  filesystem: nullable(text),
  /** What workers in flight, and plots on their way by a move, will still take of that. */
  reserved_bytes: nullable(count),
  state: oneOf(DISK_STATES),
  /** Files there that are named like plots. */
  plots: nullable(count),
  /** When its file system will be full, at the growth of the last seven days. */
  full_at: nullable(time),
  /** What replotting would still remove there, of all jobs. */
  old_plots: nullable(count),
  old_bytes: nullable(count),
} as const;

/** `B/host`. Null is what isn't known. */
export const HOST_ROWS = {
  cpu_percent: {
    is: nullable(figure),
    says: 'share of all CPUs that was busy since the message before, null at first; a CPU that waits for a disk is idle',
    entity: {
      ...{ platform: 'sensor', key: 'cpu', name: 'CPU' },
      ...{ unit_of_measurement: '%', state_class: 'measurement' },
      ...DIAGNOSTIC,
      ...AT_FIRST_DISABLED,
      ...{ suggested_display_precision: 0, icon: 'mdi:cpu-64-bit' },
    },
  },
  load: { is: threeOf(figure), says: 'over 1, 5 and 15 minutes' },
  memory_used_mib: {
    is: nullable(figure),
    says: "what isn't available: caches don't count",
    entity: {
      ...{ platform: 'sensor', key: 'memory', name: 'Memory' },
      ...{ device_class: 'data_size', unit_of_measurement: 'MiB', state_class: 'measurement' },
      ...DIAGNOSTIC,
      ...AT_FIRST_DISABLED,
      ...{ suggested_display_precision: 0, icon: 'mdi:memory' },
    },
  },
  memory_total_mib: { is: nullable(figure), says: 'all of it' },
  disks: {
    is: listOf(objectOf(DISK)),
    says: 'room for this account on the file system of each directory, also of those that patterns match; one whose `state` isn’t `ok` gets no worker',
  },
} as const satisfies Rows;
